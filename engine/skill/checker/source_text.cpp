#include "engine/skill/checker/source_text.h"

#include "engine/base/language.h"
#include "engine/skill/checker/language_views.h"

#include <algorithm>
#include <array>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

struct ExtensionKind {
    const char *extension;
    SourceKind kind;
};

constexpr std::array<ExtensionKind, 26> extensionKinds{{
    {"py", SourceKind::Python},         {"pyw", SourceKind::Python},
    {"js", SourceKind::JavaScript},     {"mjs", SourceKind::JavaScript},
    {"cjs", SourceKind::JavaScript},    {"ts", SourceKind::JavaScript},
    {"mts", SourceKind::JavaScript},    {"jsx", SourceKind::JavaScript},
    {"tsx", SourceKind::JavaScript},    {"sh", SourceKind::Shell},
    {"bash", SourceKind::Shell},        {"zsh", SourceKind::Shell},
    {"ksh", SourceKind::Shell},         {"md", SourceKind::Markdown},
    {"markdown", SourceKind::Markdown}, {"mdx", SourceKind::Markdown},
    {"json", SourceKind::Json},         {"txt", SourceKind::Text},
    {"csv", SourceKind::Text},          {"yaml", SourceKind::Text},
    {"yml", SourceKind::Text},          {"toml", SourceKind::Text},
    {"html", SourceKind::Text},         {"css", SourceKind::Text},
    {"svg", SourceKind::Text},          {"xml", SourceKind::Text},
}};

/// Whether a person could read it: no NUL, and nearly all of it UTF-8.
bool isText(QByteArrayView bytes)
{
    const auto head = bytes.first(std::min<qsizetype>(bytes.size(), 64 * 1024));
    if (head.contains('\0'))
        return false;
    qsizetype bad = 0;
    for (qsizetype from = 0; from < head.size();) {
        const auto at = firstInvalidUtf8(head.sliced(from));
        if (!at || from + *at + 4 >= head.size()) // a character may be cut at the end
            break;
        if (++bad > 16 && bad * 50 > from)
            return false;
        from += *at + 1;
    }
    return true;
}

std::optional<SourceKind> kindByShebang(QByteArrayView bytes)
{
    if (!bytes.startsWith("#!"))
        return std::nullopt;
    const auto line = bytes.first(std::min(nextLine(bytes, 0), qsizetype{200}));
    if (line.contains("python"))
        return SourceKind::Python;
    if (line.contains("node") || line.contains("deno") || line.contains("bun"))
        return SourceKind::JavaScript;
    if (line.contains("sh"))
        return SourceKind::Shell;
    return std::nullopt;
}

} // namespace

SourceKind sourceKindOf(const QString &path, QByteArrayView bytes)
{
    if (!isText(bytes))
        return SourceKind::Binary;
    const qsizetype dot = path.lastIndexOf(u'.');
    if (dot > path.lastIndexOf(u'/')) {
        const QString extension = path.sliced(dot + 1).toLower();
        for (const ExtensionKind &known : extensionKinds) {
            if (extension == QLatin1StringView(known.extension))
                return known.kind;
        }
    }
    return kindByShebang(bytes).value_or(SourceKind::Text);
}

SourceText::SourceText(QByteArray bytes, SourceKind kind)
    : m_raw(std::move(bytes))
    , m_kind(kind) { }

const QByteArray &SourceText::lower() const
{
    if (!m_lower)
        m_lower = asciiLower(m_raw);
    return *m_lower;
}

void SourceText::split() const
{
    LanguageViews views;
    switch (m_kind) {
    case SourceKind::Python: views = pythonViews(lower()); break;
    case SourceKind::JavaScript: views = javaScriptViews(lower()); break;
    case SourceKind::Shell: views = shellViews(lower()); break;
    case SourceKind::Markdown: views = markdownViews(lower()); break;
    case SourceKind::Json:
    case SourceKind::Text:
    case SourceKind::Binary: views = {lower(), lower(), lower()}; break;
    }
    m_code = std::move(views.code);
    m_bare = std::move(views.bare);
    m_prose = std::move(views.prose);
}

const QByteArray &SourceText::code() const
{
    if (!m_code)
        split();
    return *m_code;
}

const QByteArray &SourceText::bare() const
{
    if (!m_bare)
        split();
    return *m_bare;
}

const QByteArray &SourceText::prose() const
{
    if (!m_prose)
        split();
    return *m_prose;
}

TextRange SourceText::range(qsizetype start, qsizetype end) const
{
    if (!m_position)
        m_position.emplace(m_raw);
    const auto isContinuation = [this](qsizetype at) {
        return at < m_raw.size() && (static_cast<unsigned char>(m_raw[at]) & 0xC0) == 0x80;
    };
    while (start > 0 && isContinuation(start))
        --start;
    while (isContinuation(end))
        ++end;
    return m_position->range(start, end);
}

QByteArray asciiLower(QByteArrayView text)
{
    QByteArray lower(text.size(), Qt::Uninitialized);
    std::transform(text.begin(), text.end(), lower.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    });
    return lower;
}

} // namespace skillbox
