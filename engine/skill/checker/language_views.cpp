#include "engine/skill/checker/language_views.h"

#include "engine/skill/text_position.h"

#include <algorithm>
#include <array>
#include <vector>

namespace skillbox {
namespace {

/// Spaces over [start, end), line ends excepted.
void blank(QByteArray &view, qsizetype start, qsizetype end)
{
    char *bytes = view.data();
    for (qsizetype i = start; i < end; ++i) {
        if (bytes[i] != '\n')
            bytes[i] = ' ';
    }
}

bool isWord(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'
        || static_cast<unsigned char>(c) >= 0x80;
}

qsizetype lineEnd(QByteArrayView text, qsizetype from)
{
    const qsizetype feed = text.indexOf('\n', from);
    return feed < 0 ? text.size() : feed;
}

/// The end of a quoted string whose contents begin at `from`: after the closing quote, or at the
/// line's end where it is never closed.
qsizetype quotedEnd(QByteArrayView text, qsizetype from, char quote)
{
    for (qsizetype i = from; i < text.size(); ++i) {
        if (text[i] == '\\') {
            ++i;
        } else if (text[i] == quote) {
            return i + 1;
        } else if (text[i] == '\n') {
            return i;
        }
    }
    return text.size();
}

/// Blanks what stands between the quotes of a string that begins at `start` and ends at `end`.
void blankQuoted(QByteArray &view, qsizetype start, qsizetype end)
{
    const bool isClosed = end - start > 1 && view[end - 1] == view[start];
    blank(view, start + 1, isClosed ? end - 1 : end);
}

bool onlySpaceBefore(QByteArrayView text, qsizetype at)
{
    while (at > 0 && (text[at - 1] == ' ' || text[at - 1] == '\t'))
        --at;
    return at == 0 || text[at - 1] == '\n';
}

// --- JavaScript --------------------------------------------------------------------------------

/// Whether a slash after text[..at) begins a regular expression rather than divides.
bool regexMayFollow(QByteArrayView text, qsizetype at)
{
    while (at > 0 && (text[at - 1] == ' ' || text[at - 1] == '\t' || text[at - 1] == '\n'))
        --at;
    if (at == 0)
        return true;
    const char before = text[at - 1];
    if (QByteArrayView("(,=:[!&|?{};+-*%~^<>").contains(before))
        return true;
    if (!isWord(before))
        return false;
    qsizetype start = at;
    while (start > 0 && isWord(text[start - 1]))
        --start;
    const auto word = text.sliced(start, at - start);
    for (const char *keyword : {"return", "typeof", "case", "in", "of", "do", "else", "void"}) {
        if (word == keyword)
            return true;
    }
    return false;
}

/// After the closing slash; -1 if there is none on the line.
qsizetype regexEnd(QByteArrayView text, qsizetype from)
{
    bool inClass = false;
    for (qsizetype i = from; i < text.size() && text[i] != '\n'; ++i) {
        if (text[i] == '\\')
            ++i;
        else if (text[i] == '[')
            inClass = true;
        else if (text[i] == ']')
            inClass = false;
        else if (text[i] == '/' && !inClass)
            return i + 1;
    }
    return -1;
}

// --- Shell -------------------------------------------------------------------------------------

struct HereDocument {
    QByteArray end;
    bool stripsTabs = false;
};

/// The word after `<<` at `at`; moves `at` behind it.
HereDocument readHereDocument(QByteArrayView text, qsizetype &at)
{
    HereDocument document;
    if (at < text.size() && text[at] == '-') {
        document.stripsTabs = true;
        ++at;
    }
    while (at < text.size() && (text[at] == ' ' || text[at] == '\t'))
        ++at;
    for (; at < text.size() && document.end.size() < 64; ++at) {
        const char c = text[at];
        if (c == '\'' || c == '"' || c == '\\')
            continue;
        if (!isWord(c) && c != '-' && c != '.')
            break;
        document.end += c;
    }
    return document;
}

class ShellSplitter
{
public:
    explicit ShellSplitter(const QByteArray &text) : m_text(text), m_views{text, text, text} { }

    LanguageViews split()
    {
        m_frames.push_back({});
        while (m_at < m_text.size()) {
            if (m_frames.back().inQuotes)
                stepInQuotes();
            else
                stepInCode();
        }
        return std::move(m_views);
    }

private:
    struct Frame {
        bool inQuotes = false;
        int parentheses = 0;
    };
    static constexpr size_t maxFrames = 64;

    bool startsAt(QByteArrayView word) const
    {
        return QByteArrayView(m_text).sliced(m_at).startsWith(word);
    }

    void push(bool inQuotes)
    {
        if (m_frames.size() < maxFrames)
            m_frames.push_back({inQuotes, 0});
    }

    void stepInQuotes()
    {
        const char c = m_text[m_at];
        if (c == '\\') {
            blank(m_views.bare, m_at, std::min(m_at + 2, m_text.size()));
            m_at += 2;
        } else if (c == '"') {
            m_frames.pop_back();
            ++m_at;
        } else if (startsAt("$(") && m_frames.size() < maxFrames) {
            push(false);
            m_at += 2;
        } else if (c == '$') {
            // Names of variables are part of the command.
            ++m_at;
            while (m_at < m_text.size() && (isWord(m_text[m_at]) || m_text[m_at] == '{'))
                ++m_at;
        } else {
            blank(m_views.bare, m_at, m_at + 1);
            ++m_at;
        }
    }

    void stepInCode()
    {
        const char c = m_text[m_at];
        const char before = m_at > 0 ? m_text[m_at - 1] : '\n';
        switch (c) {
        case '\\': m_at += 2; return;
        case '\'': {
            const qsizetype close = m_text.indexOf('\'', m_at + 1);
            const qsizetype end = close < 0 ? m_text.size() : close;
            blank(m_views.bare, m_at + 1, end);
            m_at = std::min(end + 1, m_text.size());
            return;
        }
        case '"': push(true); break;
        case '(': ++m_frames.back().parentheses; break;
        case ')':
            if (m_frames.back().parentheses > 0)
                --m_frames.back().parentheses;
            else if (m_frames.size() > 1)
                m_frames.pop_back();
            break;
        case '#':
            if (QByteArrayView(" \t\n;&|(").contains(before)) {
                const qsizetype end = lineEnd(m_text, m_at);
                blank(m_views.code, m_at, end);
                blank(m_views.bare, m_at, end);
                m_at = end;
                return;
            }
            break;
        case '<':
            if (startsAt("<<<")) {
                m_at += 3;
                return;
            }
            if (startsAt("<<") && before != '<') {
                m_at += 2;
                if (HereDocument document = readHereDocument(m_text, m_at); !document.end.isEmpty())
                    m_documents.push_back(std::move(document));
                return;
            }
            break;
        case '\n':
            ++m_at;
            skipHereDocuments();
            return;
        default: break;
        }
        ++m_at;
    }

    void skipHereDocuments()
    {
        for (const HereDocument &document : m_documents) {
            const qsizetype start = m_at;
            while (m_at < m_text.size()) {
                const qsizetype end = lineEnd(m_text, m_at);
                auto line = QByteArrayView(m_text).sliced(m_at, end - m_at);
                while (document.stripsTabs && line.startsWith('\t'))
                    line = line.sliced(1);
                if (line.endsWith('\r'))
                    line.chop(1);
                if (line == document.end)
                    break;
                m_at = std::min(end + 1, m_text.size());
            }
            blank(m_views.bare, start, m_at);
            if (m_at < m_text.size())
                m_at = std::min(lineEnd(m_text, m_at) + 1, m_text.size());
        }
        m_documents.clear();
    }

    const QByteArray &m_text;
    LanguageViews m_views;
    std::vector<Frame> m_frames;
    std::vector<HereDocument> m_documents;
    qsizetype m_at = 0;
};

// --- Markdown ----------------------------------------------------------------------------------

/// Whether what stands after the opening fence names something that a model might run.
bool isCommandLanguage(QByteArrayView info)
{
    static constexpr std::array<const char *, 19> known{
        "sh",         "bash", "shell", "zsh",  "console",   "terminal",   "python",
        "python3",    "py",   "js",    "node", "ts",        "javascript", "mjs",
        "typescript", "ps1",  "text",  "cmd",  "powershell"};
    const auto word = info.trimmed();
    qsizetype end = 0;
    while (end < word.size() && (isWord(word[end]) || word[end] == '-'))
        ++end;
    if (end == 0)
        return true;
    return std::any_of(known.begin(), known.end(),
                       [&](const char *name) { return word.first(end) == name; });
}

qsizetype runOf(QByteArrayView text, qsizetype at)
{
    qsizetype end = at;
    while (end < text.size() && text[end] == text[at])
        ++end;
    return end - at;
}

/// Blanks `code` spans of one line.
void blankInlineCode(QByteArray &prose, qsizetype start, qsizetype end)
{
    const QByteArrayView line = QByteArrayView(prose).first(end);
    for (qsizetype i = start; i < end;) {
        if (line[i] != '`') {
            ++i;
            continue;
        }
        const qsizetype ticks = runOf(line, i);
        qsizetype close = i + ticks;
        while (close < end) {
            if (line[close] != '`') {
                ++close;
            } else if (const qsizetype length = runOf(line, close); length == ticks) {
                break;
            } else {
                close += length;
            }
        }
        if (close >= end) {
            i += ticks;
            continue;
        }
        blank(prose, i, close + ticks);
        i = close + ticks;
    }
}

} // namespace

LanguageViews pythonViews(const QByteArray &text)
{
    LanguageViews views{text, text, text};
    for (qsizetype i = 0; i < text.size();) {
        const char c = text[i];
        if (c == '#') {
            const qsizetype end = lineEnd(text, i);
            blank(views.code, i, end);
            blank(views.bare, i, end);
            i = end;
        } else if (c == '"' || c == '\'') {
            const bool triple = i + 2 < text.size() && text[i + 1] == c && text[i + 2] == c;
            if (!triple) {
                const qsizetype end = quotedEnd(text, i + 1, c);
                blankQuoted(views.bare, i, end);
                i = end;
                continue;
            }
            const QByteArray quote(3, c);
            qsizetype end = i + 3;
            while ((end = text.indexOf(quote, end)) > 0 && text[end - 1] == '\\')
                ++end;
            end = end < 0 ? text.size() : end;
            blank(views.bare, i + 3, end);
            if (onlySpaceBefore(text, i)) // documentation, or text that is put to sleep
                blank(views.code, i + 3, end);
            i = std::min(end + 3, text.size());
        } else {
            ++i;
        }
    }
    return views;
}

LanguageViews javaScriptViews(const QByteArray &text)
{
    constexpr size_t maxTemplates = 64;
    LanguageViews views{text, text, text};
    std::vector<int> braces; // one counter for each template literal whose ${…} we are in
    bool inTemplate = false;
    for (qsizetype i = 0; i < text.size();) {
        const char c = text[i];
        const char next = i + 1 < text.size() ? text[i + 1] : '\0';
        if (inTemplate) {
            if (c == '\\') {
                blank(views.bare, i, std::min(i + 2, text.size()));
                i += 2;
            } else if (c == '`') {
                inTemplate = false;
                ++i;
            } else if (c == '$' && next == '{' && braces.size() < maxTemplates) {
                braces.push_back(0);
                inTemplate = false;
                i += 2;
            } else {
                blank(views.bare, i, i + 1);
                ++i;
            }
            continue;
        }
        if (c == '/' && (next == '/' || next == '*')) {
            qsizetype end = lineEnd(text, i);
            if (next == '*') {
                end = text.indexOf("*/", i + 2);
                end = end < 0 ? text.size() : end + 2;
            }
            blank(views.code, i, end);
            blank(views.bare, i, end);
            i = end;
        } else if (c == '"' || c == '\'') {
            const qsizetype end = quotedEnd(text, i + 1, c);
            blankQuoted(views.bare, i, end);
            i = end;
        } else if (c == '`') {
            inTemplate = true;
            ++i;
        } else if (c == '/' && regexMayFollow(text, i)) {
            const qsizetype end = regexEnd(text, i + 1);
            if (end > 0)
                blank(views.bare, i + 1, end - 1);
            i = end > 0 ? end : i + 1;
        } else {
            if (c == '{' && !braces.empty())
                ++braces.back();
            if (c == '}' && !braces.empty() && braces.back()-- == 0) {
                braces.pop_back();
                inTemplate = true;
            }
            ++i;
        }
    }
    return views;
}

LanguageViews shellViews(const QByteArray &text)
{
    return ShellSplitter(text).split();
}

LanguageViews markdownViews(const QByteArray &text)
{
    LanguageViews views{text, text, text};
    const QByteArrayView all(text);
    char fence = 0;
    qsizetype fenceLength = 0;
    bool isCommand = false;
    for (qsizetype line = 0; line < all.size();) {
        const qsizetype next = nextLine(all, line);
        qsizetype start = line;
        while (start < next && QByteArrayView(" \t>").contains(all[start]))
            ++start;
        const auto rest = all.sliced(start, next - start);
        const bool marker = rest.startsWith("```") || rest.startsWith("~~~");
        bool blankCode = true;
        if (fence) {
            blank(views.prose, line, next);
            blankCode = !isCommand;
            if (marker && rest.front() == fence) {
                const qsizetype length = runOf(all.first(next), start);
                if (length >= fenceLength && rest.sliced(length).trimmed().isEmpty()) {
                    fence = 0;
                    blankCode = true;
                }
            }
        } else if (marker) {
            fence = rest.front();
            fenceLength = runOf(all.first(next), start);
            isCommand = isCommandLanguage(rest.sliced(fenceLength));
            blank(views.prose, line, next);
        } else {
            blankInlineCode(views.prose, start, next);
        }
        if (blankCode)
            blank(views.code, line, next);
        line = next;
    }
    views.bare = views.code;
    return views;
}

} // namespace skillbox
