#include "engine/skill/front_matter.h"

#include "engine/skill/manifest.h"
#include "engine/skill/text_position.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr QByteArrayView byteOrderMark("\xEF\xBB\xBF");

bool isBlank(QByteArrayView line)
{
    return line.trimmed().isEmpty();
}

/// `---` alone on its line; white space after it is invisible and therefore forgiven.
bool isFence(QByteArrayView line)
{
    return line.startsWith("---") && isBlank(line.sliced(3));
}

/// Whether the text is something that a person can edit as UTF-8.
bool checkEncoding(QByteArrayView text, QList<RuleHit> &hits)
{
    if (text.isEmpty()) {
        hits += {
            Rule::FileEmpty,
            u"SKILL.md is empty"_s,
            {},
            u"Begin it with a line of ---, the fields name and description, and another ---."_s};
        return false;
    }
    if (text.size() > maxManifestBytes) {
        hits += {
            Rule::FileTooLarge,
            u"SKILL.md has %1 bytes; at most %2 are read"_s.arg(text.size()).arg(maxManifestBytes),
            {},
            u"Move long material to files below references/ and link to them."_s};
        return false;
    }
    if (text.startsWith("\xFF\xFE") || text.startsWith("\xFE\xFF")) {
        hits += {Rule::NotText, u"SKILL.md is UTF-16"_s, {1, 1, 1, 1}, u"Save it as UTF-8."_s};
        return false;
    }
    if (const qsizetype nul = text.indexOf('\0'); nul >= 0) {
        hits += {Rule::NotText, u"SKILL.md holds a NUL byte, so it is not a text file"_s,
                 TextPosition(text).range(nul, nul + 1)};
        return false;
    }
    if (const auto bad = firstInvalidUtf8(text)) {
        const auto byte = static_cast<unsigned char>(text[*bad]);
        hits += {Rule::NotUtf8,
                 u"SKILL.md is not UTF-8: byte 0x%1 cannot stand here"_s.arg(byte, 2, 16,
                                                                             QLatin1Char('0')),
                 TextPosition(text).range(*bad, *bad + 1), u"Save it as UTF-8."_s};
        return false;
    }
    return true;
}

/// Bytes that YAML forbids or that readers see differently.
bool checkHeaderCharacters(QByteArrayView header, qsizetype offset, const TextPosition &position,
                           QList<RuleHit> &hits)
{
    for (qsizetype i = 0; i < header.size(); ++i) {
        const auto c = static_cast<unsigned char>(header[i]);
        const bool loneReturn = c == '\r' && (i + 1 == header.size() || header[i + 1] != '\n');
        const bool control = (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F;
        // C1 controls are C2 80 … C2 9F in UTF-8; NEL is one of them and a line break to some.
        const bool c1 = c == 0xC2 && static_cast<unsigned char>(header[i + 1]) < 0xA0;
        if (!loneReturn && !control && !c1 && !header.sliced(i).startsWith(byteOrderMark))
            continue;
        const QString what = loneReturn ? u"a carriage return without a line feed"_s
            : control || c1             ? u"a control character"_s
                                        : u"an invisible byte order mark"_s;
        hits += {Rule::ControlCharacter, u"the front matter holds %1"_s.arg(what),
                 position.range(offset + i, offset + i + 1), u"Delete it."_s};
        return false;
    }
    return true;
}

} // namespace

std::optional<FrontMatter> splitFrontMatter(QByteArrayView text, QList<RuleHit> &hits)
{
    if (!checkEncoding(text, hits))
        return std::nullopt;

    const TextPosition position(text);
    qsizetype offset = 0;
    if (text.startsWith(byteOrderMark)) {
        hits += {Rule::ByteOrderMark,
                 u"SKILL.md begins with a byte order mark"_s,
                 {1, 1, 1, 2},
                 u"Save it as UTF-8 without one."_s};
        hits.last().fix = Fix{u"Delete the byte order mark"_s,
                              FixSafety::Safe,
                              {{0, byteOrderMark.size(), {}}},
                              {}};
        offset = byteOrderMark.size();
    }

    qsizetype lineStart = offset;
    qsizetype lineEnd = nextLine(text, lineStart);
    while (lineStart < text.size() && isBlank(text.sliced(lineStart, lineEnd - lineStart))) {
        lineStart = lineEnd;
        lineEnd = nextLine(text, lineStart);
    }
    if (lineStart == text.size()) {
        hits += {Rule::FileEmpty, u"SKILL.md holds nothing but white space"_s, {}};
        return std::nullopt;
    }
    if (lineStart > offset) {
        hits += {Rule::LeadingBlankLines, u"SKILL.md has blank lines before the front matter"_s,
                 position.range(offset, lineStart), u"Make --- the first line."_s};
        hits.last().fix = Fix{u"Delete the blank lines"_s,
                              FixSafety::Safe,
                              {{offset, lineStart - offset, {}}},
                              {}};
    }
    const auto opening = text.sliced(lineStart, lineEnd - lineStart);
    if (!isFence(opening)) {
        hits += {Rule::NoOpeningFence, u"SKILL.md must begin with a line of three hyphens (---)"_s,
                 position.at(lineStart),
                 u"Put the fields name and description between two lines of ---."_s};
        return std::nullopt;
    }

    FrontMatter parts;
    parts.crlf = opening.endsWith("\r\n");
    parts.headerOffset = lineEnd;
    qsizetype closing = lineEnd;
    for (;; closing = lineEnd) {
        if (closing >= text.size()) {
            hits += {Rule::NoClosingFence,
                     u"the front matter that begins here is never closed by a line of ---"_s,
                     position.range(lineStart, lineStart + 3),
                     u"Put a line of --- after the last field."_s};
            return std::nullopt;
        }
        lineEnd = nextLine(text, closing);
        if (isFence(text.sliced(closing, lineEnd - closing)))
            break;
    }
    parts.header = text.sliced(parts.headerOffset, closing - parts.headerOffset);
    parts.bodyOffset = lineEnd;
    parts.body = text.sliced(lineEnd);

    if (parts.header.size() > maxHeaderBytes) {
        hits += {Rule::HeaderTooComplex,
                 u"the front matter has %1 bytes; at most %2 are read"_s.arg(parts.header.size())
                     .arg(maxHeaderBytes),
                 position.at(parts.headerOffset), u"Move long text below the second ---."_s};
        return std::nullopt;
    }
    if (!checkHeaderCharacters(parts.header, parts.headerOffset, position, hits))
        return std::nullopt;
    return parts;
}

} // namespace skillbox
