#pragma once

#include "server/http/chunk_decoder.h"
#include "server/http/exchange.h"
#include "server/http/guard_context.h"
#include "server/http/http_body.h"
#include "server/http/request_channel.h"
#include "server/http/request_parser.h"
#include "server/http/wire_answer.h"

#include <QPointer>

class QSslSocket;

namespace skillbox {

/// One client: frames its requests, hands them on one at a time, writes the answers in their order,
/// and ends what takes too long. Lives on the server's thread and deletes itself when the client is
/// gone.
class Connection final : public QObject
{
public:
    struct Peer {
        QString name;              ///< address, or `unix`
        bool checkOrigins = false; ///< its Host and Origin must be of this machine
    };
    Connection(quint64 id, GuardContext &context, std::unique_ptr<QTcpSocket> socket,
               RequestChannel *channel, Peer peer);
    ~Connection() override;

    /// QtHttpServer has the request that was delivered.
    void handle();

    // Of the exchange under way.
    void answer(HttpResponse response);
    void answerUnhandled();
    void beginStream(int status, const HttpHeaders &headers, std::shared_ptr<StreamBuffer> stream);
    void continueStream();

    /// Looks whether a deadline has passed.
    void sweep(GuardClock::time_point now);
    /// Ends at once if it is idle, else after the answer under way.
    void drain();
    void abort();

private:
    enum class Phase {
        Head,      ///< reads a request's head, or waits for one
        Body,      ///< reads its body
        Handling,  ///< a handler has the request
        Answering, ///< writes an answer of known length
        Streaming, ///< writes an answer in pieces
        Closing,   ///< the last answer is on its way; nothing is understood any more
        Gone,
    };

    // connection_read.cpp
    void process();
    bool fillInput();
    void readHead();
    void headComplete();
    std::optional<HttpResponse> refuseHead();
    std::optional<HttpResponse> routeHead();
    std::optional<HttpResponse> ask(const HttpGate &gate);
    void beginBody();
    void readBody();
    void readChunks();
    bool takeBody(QByteArrayView bytes);
    void dispatch();
    void takeInput(qsizetype size);
    QByteArrayView input() const { return QByteArrayView(m_input).sliced(m_inputTaken); }
    void discardInput();

    // connection_write.cpp
    AnswerContext answerContext();
    void pumpAnswer();
    bool writePiece();
    void onWritten();
    void write(QByteArrayView bytes);
    void flush();
    qint64 unsent() const;

    // connection.cpp
    void identify();
    void refuse(const Refusal &refusal);
    void answerEarly(HttpResponse response);
    HttpResponse problemOf(int status, const QString &slug, const QString &message) const;
    void endExchange();
    void beginClose();
    void continueClose();
    void leave();
    void report(int status);
    GuardClock::time_point deadlineIn(std::chrono::milliseconds time) const;

    const quint64 m_id;
    GuardContext &m_context;
    std::unique_ptr<QTcpSocket> m_socket;
    QSslSocket *const m_tls; ///< the socket, if it is encrypted
    QPointer<RequestChannel> m_channel;
    const Peer m_peer;
    Phase m_phase = Phase::Head;

    QByteArray m_input; ///< read from the socket, not yet understood
    qsizetype m_inputTaken = 0;
    bool m_isProcessing = false;
    int m_servedThisTurn = 0;
    RequestHeadParser m_parser;
    ChunkDecoder m_chunks;
    std::optional<BodyCollector> m_collector;
    qint64 m_bodyLeft = 0; ///< with BodyFraming::Length
    GuardClock::time_point m_bodySince;
    bool m_bodyUnread = false; ///< the client may still be sending what nobody will read

    bool m_hasRequest = false; ///< between a head's end, or its refusal, and the answer's
    HttpRequest m_request;
    const Router::Route *m_route = nullptr;
    HttpHeaders m_gateFields;
    RequestSummary m_summary;
    GuardClock::time_point m_requestSince;
    bool m_keepAlive = true;
    std::shared_ptr<Exchange> m_exchange;

    WireAnswer m_answer;
    std::shared_ptr<StreamBuffer> m_stream;
    bool m_streamIsChunked = false;
    GuardClock::time_point m_lastWrite;
    bool m_isPumping = false;

    GuardClock::time_point m_deadline;
    GuardClock::time_point m_writeDeadline;
};

} // namespace skillbox
