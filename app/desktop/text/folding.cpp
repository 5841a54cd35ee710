#include "app/desktop/text/folding.h"

#include <QTextBlock>

#include <algorithm>

namespace skillbox {
namespace {

constexpr int foldTabColumns = 4;

bool isFence(QStringView line, QChar &mark)
{
    const QStringView text = line.trimmed();
    if (!text.startsWith(u"```") && !text.startsWith(u"~~~"))
        return false;
    mark = text.front();
    return true;
}

int headingLevel(QStringView line)
{
    int level = 0;
    while (level < line.size() && line[level] == u'#')
        ++level;
    const bool isHeading = level > 0 && level <= 6
        && (level == line.size() || line[level].isSpace());
    return isHeading ? level : 0;
}

QList<FoldRegion> markdownRegions(const QTextDocument &document)
{
    QList<FoldRegion> regions;
    struct Open {
        int level;
        int line;
    };
    QList<Open> headings;
    const auto close = [&](int level, int last) {
        while (!headings.isEmpty() && headings.constLast().level >= level) {
            const Open heading = headings.takeLast();
            if (last > heading.line)
                regions.append({heading.line, last});
        }
    };
    int fenceLine = -1;
    QChar fenceMark;
    int frontLine = -1;
    bool seenText = false;
    int lastText = 0; // blank lines before a heading belong to nobody
    for (QTextBlock block = document.begin(); block.isValid(); block = block.next()) {
        const int line = block.blockNumber();
        const QString text = block.text();
        const QStringView trimmed = QStringView(text).trimmed();
        QChar mark;
        if (frontLine >= 0) {
            if (trimmed == u"---") {
                regions.append({frontLine, line});
                frontLine = -1;
            }
        } else if (!seenText && trimmed == u"---") {
            frontLine = line;
        } else if (fenceLine >= 0) {
            if (isFence(text, mark) && mark == fenceMark) {
                regions.append({fenceLine, line});
                fenceLine = -1;
            }
        } else if (isFence(text, fenceMark)) {
            fenceLine = line;
        } else if (const int level = headingLevel(text)) {
            close(level, lastText);
            headings.append({level, line});
        }
        if (!trimmed.isEmpty()) {
            seenText = true;
            lastText = line;
        }
    }
    close(1, lastText);
    return regions;
}

QList<FoldRegion> indentedRegions(const QTextDocument &document)
{
    QList<FoldRegion> regions;
    struct Open {
        int columns;
        int line;
    };
    QList<Open> open;
    int lastText = 0;
    for (QTextBlock block = document.begin(); block.isValid(); block = block.next()) {
        const QString text = block.text();
        int columns = 0;
        qsizetype at = 0;
        for (; at < text.size() && text[at].isSpace(); ++at)
            columns += text[at] == u'\t' ? foldTabColumns - columns % foldTabColumns : 1;
        if (at == text.size())
            continue;
        const int line = block.blockNumber();
        while (!open.isEmpty() && open.constLast().columns >= columns) {
            const Open region = open.takeLast();
            if (lastText > region.line)
                regions.append({region.line, lastText});
        }
        open.append({columns, line});
        lastText = line;
    }
    for (const Open &region : std::as_const(open)) {
        if (lastText > region.line)
            regions.append({region.line, lastText});
    }
    return regions;
}

} // namespace

QList<FoldRegion> foldRegions(const QTextDocument &document, bool isMarkdown)
{
    QList<FoldRegion> regions = isMarkdown ? markdownRegions(document) : indentedRegions(document);
    std::sort(regions.begin(), regions.end(),
              [](const FoldRegion &a, const FoldRegion &b) { return a.first < b.first; });
    return regions;
}

} // namespace skillbox
