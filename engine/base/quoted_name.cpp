#include "engine/base/quoted_name.h"

#include <QUtf8StringView>

using namespace Qt::StringLiterals;

namespace skillbox {

QString quotedName(QByteArrayView name)
{
    constexpr qsizetype maxShown = 200;
    QString text = u"\""_s;
    const auto isUtf8 = QUtf8StringView(name.data(), name.size()).isValidUtf8();
    if (isUtf8) {
        for (const char32_t character : QString::fromUtf8(name).toUcs4()) {
            if (text.size() > maxShown)
                break;
            if (QChar::isPrint(character) && character != U'"')
                text += QString::fromUcs4(&character, 1);
            else
                text += u"\\u{%1}"_s.arg(static_cast<uint>(character), 0, 16);
        }
    } else {
        for (const char byte : name) {
            if (text.size() > maxShown)
                break;
            if (byte >= 0x20 && byte < 0x7f)
                text += QLatin1Char(byte);
            else
                text += u"\\x%1"_s.arg(static_cast<uchar>(byte), 2, 16, QLatin1Char('0'));
        }
    }
    return text + (text.size() > maxShown ? u"…\""_s : u"\""_s);
}

QString quotedName(const QString &name)
{
    return quotedName(QByteArrayView(name.toUtf8()));
}

} // namespace skillbox
