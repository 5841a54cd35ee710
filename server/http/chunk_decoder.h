#pragma once

#include <QByteArray>
#include <QByteArrayView>
#include <QString>

namespace skillbox {

/// Takes the chunked transfer coding off a body (RFC 9112 §7.1), strictly. No I/O.
class ChunkDecoder
{
public:
    enum class State { NeedsMore, Complete, Refused };

    struct Step {
        qsizetype taken = 0;    ///< bytes of the coding that were used up
        QByteArrayView payload; ///< what the body has of them; points into the data given
    };

    /// Takes some bytes from the front of `data`; call again with the rest until nothing is left or
    /// the state is not NeedsMore.
    Step next(QByteArrayView data);
    State state() const { return m_state; }
    const QString &refusal() const { return m_refusal; }

private:
    enum class Part { SizeLine, Data, DataEnd, Trailer };

    Step takeLine(QByteArrayView data);
    void takeSizeLine(QByteArrayView line);
    void takeTrailer(QByteArrayView line);
    void refuse(const QString &message);

    State m_state = State::NeedsMore;
    Part m_part = Part::SizeLine;
    QByteArray m_line;
    qint64 m_left = 0;     ///< of the chunk under way
    qint64 m_payload = 0;  ///< so far
    qint64 m_overhead = 0; ///< extensions so far
    qint64 m_trailerSize = 0;
    QString m_refusal;
};

} // namespace skillbox
