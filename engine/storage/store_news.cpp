#include "engine/storage/store_news.h"

namespace skillbox {
namespace {

constexpr char newsLetters[] = {'m', 'w', 's', 'l', 'c', 'e'}; // by StoreNews::Kind

} // namespace

QList<QByteArray> encodeNews(const QList<StoreNews> &news, qsizetype maxBytes)
{
    QList<QByteArray> texts;
    for (const StoreNews &one : news) {
        const QByteArray word = newsLetters[static_cast<int>(one.kind)]
            + one.execution.value.toLatin1();
        if (!texts.isEmpty() && texts.constLast().size() + 1 + word.size() <= maxBytes)
            texts.last() += ' ' + word;
        else
            texts.append(word);
    }
    return texts;
}

QList<StoreNews> decodeNews(const QByteArray &text)
{
    QList<StoreNews> news;
    for (const QByteArray &word : text.split(' ')) {
        for (int kind = 0; kind < static_cast<int>(std::size(newsLetters)); ++kind) {
            const QString id = QString::fromLatin1(word.mid(1));
            if (word.startsWith(newsLetters[kind]) && (id.isEmpty() || isUuid(id)))
                news.append({static_cast<StoreNews::Kind>(kind), {id}});
        }
    }
    return news;
}

} // namespace skillbox
