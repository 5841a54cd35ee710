#pragma once

#include <QByteArray>
#include <QByteArrayView>

#include <span>
#include <vector>

namespace skillbox {

struct DiffBounds {
    int context = 3; ///< equal lines shown around a change
    /// Lines deleted and inserted, and line comparisons, that the search may cost. Past either, the
    /// lines between the common beginning and the common end are shown as replaced: still a
    /// correct patch, only not the shortest.
    int maxEdits = 2000;
    qint64 maxComparisons = 50'000'000;
};

/// Which items of one sequence go and which of another come; all others are in both, in the same
/// order.
struct EditScript {
    std::vector<bool> deleted;  ///< by item of the old sequence
    std::vector<bool> inserted; ///< by item of the new sequence
    bool shortest = true;       ///< false: a bound was passed
};

/// What turns `from` into `to`, where equal numbers stand for equal items.
EditScript editScript(std::span<const int> from, std::span<const int> to,
                      const DiffBounds &bounds = {});

/// The hunks of a unified diff (`@@ -1,3 +1,4 @@` …) that turns `from` into `to`; empty if they are
/// equal. Lines end at LF; a last line without one is followed by the usual
/// `\ No newline at end of file`. By Myers' greedy algorithm (An O(ND) Difference Algorithm and Its
/// Variations, 1986). The library Debian has for this (dtl) knows neither bounds nor lines without
/// an end, so it is written here.
QByteArray unifiedHunks(QByteArrayView from, QByteArrayView to, const DiffBounds &bounds = {});

} // namespace skillbox
