#pragma once

#include <QList>
#include <QStringView>

#include <optional>

namespace skillbox {

/// How well `typed` fits `text`: every typed character occurs in order, without regard to case.
/// Higher is better: beginnings of words and runs of neighbours count more. nullopt: it does not
/// fit. `places` gets the positions in `text` that fit, for showing them.
std::optional<int> fuzzyMatch(QStringView typed, QStringView text, QList<int> *places = nullptr);

} // namespace skillbox
