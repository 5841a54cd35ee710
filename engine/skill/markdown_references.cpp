#include "engine/skill/markdown_references.h"

#include "engine/skill/text_position.h"

#include <QByteArrayList>
#include <QUrl>

#include <algorithm>
#include <array>
#include <optional>

namespace skillbox {
namespace {

using Kind = MarkdownReference::Kind;

constexpr QByteArrayView scriptFolder("scripts/");

qsizetype runLength(QByteArrayView text, qsizetype at)
{
    qsizetype end = at;
    while (end < text.size() && text[end] == text[at])
        ++end;
    return end - at;
}

/// The path, if it can only mean a file of the skill.
std::optional<QString> clearPath(QByteArrayView raw)
{
    // Schemes, Windows paths, variables, patterns, placeholders, quotes: not clearly a path.
    for (const char c : raw) {
        if (QByteArrayView(":\\$*<>{}|\"'`&= \t\r\n[]()").contains(c))
            return std::nullopt;
    }
    if (raw.isEmpty() || raw.startsWith('/') || raw.startsWith('~') || raw.startsWith('#'))
        return std::nullopt;
    qsizetype end = raw.size();
    for (const char mark : {'#', '?'}) {
        if (const qsizetype at = raw.indexOf(mark); at >= 0)
            end = std::min(end, at);
    }
    QString path = QUrl::fromPercentEncoding(raw.first(end).toByteArray());
    while (path.startsWith(QLatin1StringView("./")))
        path.remove(0, 2);
    while (path.endsWith(u'/'))
        path.chop(1);
    const auto components = path.split(u'/');
    if (components.contains(QString()) || components.contains(QLatin1StringView("..")))
        return std::nullopt;
    const bool hasControl = std::any_of(path.cbegin(), path.cend(), [](QChar c) {
        return c.category() == QChar::Other_Control;
    });
    const QString name = components.constLast();
    const qsizetype dot = name.lastIndexOf(u'.');
    const bool isFile = dot > 0 && dot + 1 < name.size();
    // `[text](url)` and `[text](path/to/file.md)` are how people write about links.
    if (hasControl || !isFile || path.startsWith(QLatin1StringView("path/"))
        || path.contains(QLatin1StringView("/path/to/"))
        || path.contains(QLatin1StringView("..."))) {
        return std::nullopt;
    }
    // A bare word.word could be an address, `example.com`; names of files there are below folders
    // or documents beside SKILL.md.
    static constexpr std::array<const char *, 8> documents{"md",  "txt",  "json", "yaml",
                                                           "csv", "html", "py",   "sh"};
    const QString extension = name.sliced(dot + 1).toLower();
    const bool isDocument = std::any_of(documents.begin(), documents.end(), [&](const char *known) {
        return extension == QLatin1StringView(known);
    });
    if (components.size() == 1 && !isDocument)
        return std::nullopt;
    if (components.size() > 1 && components.constFirst().contains(u'.'))
        return std::nullopt;
    return path;
}

/// `python3 scripts/x.py --flag`, `./scripts/x.sh`: the script that inline code would start.
std::optional<QByteArrayView> commandScript(QByteArrayView code)
{
    static constexpr std::array<const char *, 7> interpreters{"python", "python3", "node", "bash",
                                                              "sh",     "uv",      "run"};
    bool afterInterpreter = false;
    for (qsizetype at = 0; at < code.size();) {
        while (at < code.size() && code[at] == ' ')
            ++at;
        qsizetype end = code.indexOf(' ', at);
        end = end < 0 ? code.size() : end;
        const auto word = code.sliced(at, end - at);
        const auto bare = word.startsWith("./") ? word.sliced(2) : word;
        if (bare.startsWith(scriptFolder)) {
            // The bare path alone is often an example of a name; with something around it, or
            // after an interpreter, it is an instruction.
            const bool isCommand = afterInterpreter || word.size() < code.trimmed().size();
            return isCommand ? std::optional(word) : std::nullopt;
        }
        const bool known = std::any_of(interpreters.begin(), interpreters.end(),
                                       [word](const char *name) { return word == name; });
        if (!known)
            return std::nullopt;
        afterInterpreter = true;
        at = end;
    }
    return std::nullopt;
}

class Scanner
{
public:
    explicit Scanner(QByteArrayView text) : m_text(text) { }

    QList<MarkdownReference> scan()
    {
        char fence = 0;
        qsizetype fenceLength = 0;
        bool afterBlank = true;
        bool indentedCode = false;
        for (qsizetype line = 0; line < m_text.size();) {
            const qsizetype next = nextLine(m_text, line);
            const auto text = m_text.sliced(line, next - line);
            qsizetype start = 0;
            // List items may indent a fence by any amount.
            while (start < text.size() && (text[start] == ' ' || text[start] == '\t'))
                ++start;
            // Also leaves out paragraphs of nested lists, which look the same from here.
            const bool indented = start >= 4 || text.first(start).contains('\t');
            const bool blank = text.trimmed().isEmpty();
            indentedCode = !fence && indented && (afterBlank || indentedCode);
            afterBlank = blank;
            const bool tick = text.sliced(start).startsWith("```");
            const bool tilde = text.sliced(start).startsWith("~~~");
            if (fence) {
                if ((tick || tilde) && text[start] == fence) {
                    const qsizetype length = runLength(text, start);
                    if (length >= fenceLength && text.sliced(start + length).trimmed().isEmpty())
                        fence = 0;
                }
            } else if (tick || tilde) {
                fence = text[start];
                fenceLength = runLength(text, start);
            } else if (!indentedCode) {
                scanLine(line, next);
            }
            line = next;
        }
        return m_found;
    }

private:
    void scanLine(qsizetype start, qsizetype end)
    {
        for (qsizetype i = start; i < end;) {
            if (m_inComment) {
                const qsizetype close = m_text.first(end).indexOf("-->", i);
                if (close < 0)
                    return;
                m_inComment = false;
                i = close + 3;
            } else if (m_text[i] == '\\') {
                i += 2;
            } else if (m_text[i] == '`') {
                i = scanCode(i, end);
            } else if (m_text.sliced(i, end - i).startsWith("<!--")) {
                m_inComment = true;
                i += 4;
            } else if (m_text.sliced(i, end - i).startsWith("](")) {
                i = scanLink(i + 2, end);
            } else {
                ++i;
            }
        }
    }

    qsizetype scanCode(qsizetype start, qsizetype end)
    {
        const qsizetype ticks = runLength(m_text.first(end), start);
        for (qsizetype i = start + ticks; i < end;) {
            if (m_text[i] != '`') {
                ++i;
                continue;
            }
            const qsizetype length = runLength(m_text.first(end), i);
            if (length != ticks) {
                i += length;
                continue;
            }
            const auto code = m_text.sliced(start + ticks, i - start - ticks);
            if (const auto script = commandScript(code))
                add(Kind::Command, *script);
            return i + length;
        }
        return start + ticks;
    }

    qsizetype scanLink(qsizetype start, qsizetype end)
    {
        const qsizetype close = m_text.first(end).indexOf(')', start);
        if (close < 0)
            return start;
        auto destination = m_text.sliced(start, close - start).trimmed();
        // A title may follow: [text](file.md "Title").
        if (const qsizetype space = destination.indexOf(' '); space > 0) {
            const char after = destination.sliced(space).trimmed().front();
            if (after == '"' || after == '\'')
                destination = destination.first(space);
        }
        if (destination.startsWith('<') && destination.endsWith('>') && destination.size() > 2)
            destination = destination.sliced(1, destination.size() - 2);
        add(Kind::Link, destination);
        return close + 1;
    }

    void add(Kind kind, QByteArrayView raw)
    {
        if (const auto path = clearPath(raw)) {
            const qsizetype start = raw.data() - m_text.data();
            m_found += {kind, *path, start, start + raw.size()};
        }
    }

    QByteArrayView m_text;
    QList<MarkdownReference> m_found;
    bool m_inComment = false;
};

} // namespace

QList<MarkdownReference> markdownReferences(QByteArrayView text)
{
    return Scanner(text).scan();
}

} // namespace skillbox
