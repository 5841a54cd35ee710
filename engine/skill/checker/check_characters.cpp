#include "engine/skill/checker/check_state.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

struct CodePoint {
    char32_t value = 0;
    int bytes = 1;
};

/// The character at `at`; a byte that begins none stands for itself.
CodePoint codePointAt(QByteArrayView text, qsizetype at)
{
    const auto byte = [&text](qsizetype i) { return static_cast<unsigned char>(text[i]); };
    const unsigned lead = byte(at);
    const int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
    if (more == 0 || at + more >= text.size())
        return {lead, 1};
    char32_t value = lead & (0x3Fu >> more);
    for (int i = 1; i <= more; ++i)
        value = value << 6 | (byte(at + i) & 0x3F);
    return {value, more + 1};
}

/// Overrides, embeddings and isolates: they change the order in which text is shown.
bool isReordering(char32_t c)
{
    return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

/// Letters of a whole alphabet that nothing shows (Unicode tags, CVE-less but well known).
bool isTag(char32_t c)
{
    return c >= 0xE0000 && c <= 0xE007F;
}

/// No width and no shape. The joiners 200C and 200D have honest uses, see joinerIsHonest().
bool isInvisible(char32_t c)
{
    return c == 0x200B || c == 0x2060 || (c >= 0x2061 && c <= 0x2064) || c == 0x180E || c == 0xFEFF
        || c == 0x3164 || c == 0x115F || c == 0x1160 || c == 0xFFA0
        || (c >= 0xE0100 && c <= 0xE01EF);
}

/// Emoji are joined by 200D, Persian and Indic letters by both.
bool joinerIsHonest(char32_t before, char32_t after)
{
    const auto joins = [](char32_t c) {
        return (c >= 0x0600 && c <= 0x08FF) || (c >= 0x0900 && c <= 0x0DFF)
            || (c >= 0xFB50 && c <= 0xFEFE) || c >= 0x1F000 || (c >= 0x2190 && c <= 0x2BFF)
            || c == 0xFE0F;
    };
    return joins(before) || joins(after);
}

QString codeName(char32_t c)
{
    return u"U+%1"_s.arg(
        QString::number(static_cast<uint>(c), 16).toUpper().rightJustified(4, u'0'));
}

/// Flags of regions are spelled with tags after a black flag, and only there.
bool isFlag(char32_t before)
{
    return before == 0x1F3F4 || isTag(before);
}

Fix deletion(qsizetype start, qsizetype end)
{
    // What was hidden may be meant to be read; a person should look at it first.
    return {u"Delete the characters"_s, FixSafety::Unsafe, {{start, end - start, {}}}, {}};
}

void checkHidden(const CheckedFile &file, CheckState &state)
{
    const QByteArrayView text(file.text.raw());
    const Rule rule = file.isScript() ? Rule::BidiInCode : Rule::InvisibleCharacters;
    char32_t before = 0;
    bool inFlag = false;
    for (qsizetype i = 0; i < text.size();) {
        if (static_cast<unsigned char>(text[i]) < 0x80) {
            before = static_cast<unsigned char>(text[i]);
            inFlag = false;
            ++i;
            continue;
        }
        const CodePoint c = codePointAt(text, i);
        const auto isHidden = [&](char32_t value, char32_t previous, qsizetype next) {
            if (isReordering(value))
                return true;
            if (isTag(value))
                return !(inFlag || previous == 0x1F3F4);
            if (value == 0x200C || value == 0x200D) {
                const char32_t after = next < text.size() ? codePointAt(text, next).value : 0;
                return !joinerIsHonest(previous, after);
            }
            return isInvisible(value) && !(value == 0xFEFF && i == 0);
        };
        inFlag = isTag(c.value) && isFlag(before) && (inFlag || before == 0x1F3F4);
        if (!isHidden(c.value, before, i + c.bytes)) {
            before = c.value;
            i += c.bytes;
            continue;
        }
        // A run counts once.
        const qsizetype start = i;
        int count = 0;
        while (i < text.size() && static_cast<unsigned char>(text[i]) >= 0x80) {
            const CodePoint next = codePointAt(text, i);
            if (!isReordering(next.value) && !isTag(next.value) && !isInvisible(next.value)
                && next.value != 0x200C && next.value != 0x200D) {
                break;
            }
            ++count;
            i += next.bytes;
        }
        // Data may hold the odd character that nobody sees, as text from elsewhere does.
        const bool isData = file.text.kind() == SourceKind::Json
            || file.text.kind() == SourceKind::Text;
        if (isData && count < 3 && !isReordering(c.value) && !isTag(c.value)) {
            before = 0;
            continue;
        }
        const QString what = count == 1
            ? u"the character %1 cannot be seen"_s.arg(codeName(c.value))
            : u"%1 characters from %2 on cannot be seen"_s.arg(count).arg(codeName(c.value));
        state.add(rule, file, start, i,
                  isReordering(c.value)
                      ? u"the character %1 shows text in another order"_s.arg(codeName(c.value))
                      : what,
                  {}, deletion(start, i));
        before = 0;
    }
}

enum class Script { None, Latin, Cyrillic, Greek, Other };

Script scriptOf(char32_t c)
{
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0x24F))
        return Script::Latin;
    if (c >= 0x370 && c <= 0x3FF)
        return Script::Greek;
    if (c >= 0x400 && c <= 0x52F)
        return Script::Cyrillic;
    if (c >= 0x530 && c < 0x2000)
        return Script::Other;
    return Script::None;
}

/// Names in code that mix Latin with letters that look like Latin ones.
void checkNames(const CheckedFile &file, CheckState &state)
{
    const QByteArrayView code(file.text.bare());
    for (qsizetype i = 0; i < code.size();) {
        const auto isNameByte = [&code](qsizetype at) {
            const auto c = static_cast<unsigned char>(code[at]);
            return c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
        };
        if (!isNameByte(i)) {
            ++i;
            continue;
        }
        const qsizetype start = i;
        bool latin = false;
        bool alike = false;
        while (i < code.size() && isNameByte(i)) {
            const CodePoint c = codePointAt(code, i);
            const Script script = scriptOf(c.value);
            latin = latin || script == Script::Latin;
            alike = alike || script == Script::Cyrillic || script == Script::Greek;
            i += c.bytes;
        }
        if (latin && alike) {
            state.add(Rule::HomoglyphInCode, file, start, i,
                      u"the name %1 mixes letters of two scripts"_s.arg(QString::fromUtf8(
                          QByteArrayView(file.text.raw()).sliced(start, i - start))));
        }
    }
}

/// A line that no person wrote: very long and nearly without white space.
void checkReadability(const CheckedFile &file, CheckState &state)
{
    constexpr qsizetype longLine = 3000;
    const QByteArrayView code(file.text.bare());
    for (qsizetype line = 0; line < code.size();) {
        const qsizetype next = nextLine(code, line);
        if (next - line > longLine) {
            const auto text = code.sliced(line, next - line);
            const auto letters = std::count_if(text.begin(), text.end(), [](char c) {
                return c != ' ' && c != '\t' && c != '\n';
            });
            // What is blank here is a long string, which other rules look at.
            if (letters > longLine / 2) {
                state.add(Rule::Minified, file, line, line + 1,
                          u"the line has %1 bytes of code"_s.arg(next - line));
                return;
            }
        }
        line = next;
    }
}

} // namespace

void checkCharacters(const CheckedFile &file, CheckState &state)
{
    if (file.text.kind() == SourceKind::Binary)
        return;
    checkHidden(file, state);
    if (file.isScript()) {
        checkNames(file, state);
        checkReadability(file, state);
    }
}

} // namespace skillbox
