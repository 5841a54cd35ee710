#pragma once

#include <QByteArray>
#include <QByteArrayView>

namespace skillbox {

/// Turns the bytes of one stream into valid UTF-8 without NUL, as they come: a sequence that is
/// split across two reads is put together, what is not UTF-8 and NUL become U+FFFD, one for each
/// maximal ill-formed part (Unicode 15, section 3.9, the practice browsers follow).
class Utf8Sanitizer
{
public:
    /// Appends the safe form of `bytes` to `out`, at most `room` bytes of it and never a part of a
    /// character. Returns how many bytes of the stream did not fit and were let go.
    qint64 append(QByteArrayView bytes, QByteArray &out, qint64 room);

    /// The stream has ended: a sequence that was never completed becomes one U+FFFD.
    qint64 finish(QByteArray &out, qint64 room);

private:
    QByteArray m_pending; ///< at most three bytes: the start of a sequence
};

} // namespace skillbox
