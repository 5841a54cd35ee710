#pragma once

#include <QByteArray>
#include <QString>

namespace skillbox {

/// Bytes as a text to show.
struct DecodedText {
    QString text;
    QString encoding;       ///< `UTF-8`, `UTF-16`, …
    qint64 badBytesAt = -1; ///< the first byte that is not valid in it; -1: all are
    bool folded = false;    ///< lines too long to show in one were broken
};

/// UTF-8 unless a byte order mark says otherwise; what is not valid becomes U+FFFD, NUL becomes ␀.
/// `cut`: the bytes go on, a character may end in the middle. Any thread.
DecodedText decodeText(const QByteArray &bytes, bool cut);

/// Characters in a line that a text view can lay out without a pause.
constexpr qsizetype longestShownLine = 10'000;

} // namespace skillbox
