#pragma once

#include "engine/skill/rules.h"

#include <QByteArrayView>

namespace skillbox {

/// The parts of a SKILL.md. All offsets are bytes from the start of the file.
struct FrontMatter {
    QByteArrayView header; ///< between the fences, without them
    qsizetype headerOffset = 0;
    QByteArrayView body; ///< after the closing fence's line
    qsizetype bodyOffset = 0;
    bool crlf = false; ///< the opening fence's line ends in CR LF
};

/// Longest header that is looked at, in bytes.
inline constexpr qsizetype maxHeaderBytes = 64 * 1024;

/// Finds the header and the body of a SKILL.md and checks that it is text. Adds to `hits` what is
/// wrong; nullopt when there is no header to read. Without control characters, lone carriage
/// returns and byte order marks in the header, bytes and lines mean the same to everyone who reads
/// it after us.
std::optional<FrontMatter> splitFrontMatter(QByteArrayView text, QList<RuleHit> &hits);

} // namespace skillbox
