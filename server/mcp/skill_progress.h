#pragma once

#include <QString>

#include <optional>

namespace skillbox {

/// What a skill says of how far it is, by a line of its own on either stream:
/// `::progress 3/10 reading pages`, `::progress 3`, `::progress 40%`.
struct SkillProgress {
    double value = 0;
    double total = 0; ///< 0: not known
    QString message;
};

/// Nothing: it is an ordinary line.
std::optional<SkillProgress> parseProgressLine(QStringView line);

} // namespace skillbox
