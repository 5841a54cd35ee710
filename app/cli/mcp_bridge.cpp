#include "app/cli/mcp_bridge.h"

#include "engine/base/system_error.h"
#include "engine/remote/http_client.h"
#include "engine/remote/sse_reader.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <unistd.h>

#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstdio>
#include <map>
#include <set>
#include <thread>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

constexpr qsizetype longestLine = 64 << 20;
constexpr size_t maxRequests = 64; ///< under way at the same time
constexpr int maxResumptions = 20; ///< of one call
constexpr auto resumePause = 500ms;
constexpr auto listenPause = 1s;
/// A cancellation waits so long for its request to have reached the server.
constexpr auto cancelPatience = 10s;
constexpr auto finishPatience = 10s;
constexpr int internalError = -32603;

QByteArray idJson(const QJsonValue &id)
{
    const QByteArray array = QJsonDocument(QJsonArray{id}).toJson(QJsonDocument::Compact);
    return array.sliced(1, array.size() - 2);
}

void complain(const QString &text)
{
    std::fprintf(stderr, "skillbox mcp: %s\n", qUtf8Printable(text));
}

} // namespace

class McpBridge::Private
{
public:
    Private(std::unique_ptr<HttpClient> client, QByteArray path)
        : http(std::move(client))
        , target(std::move(path))
    {
    }

    /// What the transport needs to know of a message.
    struct Outline {
        QString method = {};
        QByteArray id = {};      ///< as JSON; empty: it wants no answer
        QByteArray cancels = {}; ///< the id that a cancellation names
    };
    static Outline outlineOf(const QJsonObject &message)
    {
        Outline outline;
        outline.method = message.value("method"_L1).toString();
        if (message.contains("id"_L1) && !outline.method.isEmpty())
            outline.id = idJson(message.value("id"_L1));
        if (outline.method == u"notifications/cancelled")
            outline.cancels = idJson(message.value("params"_L1).toObject().value("requestId"_L1));
        return outline;
    }

    /// One line of output.
    void say(const QByteArray &json)
    {
        const std::lock_guard lock(outputMutex);
        QByteArray line = json;
        line.replace('\n', ' '); // none stands within a string of valid JSON
        line += '\n';
        for (qsizetype done = 0; done < line.size();) {
            const ssize_t count = ::write(output, line.constData() + done,
                                          static_cast<size_t>(line.size() - done));
            if (count < 0 && errno != EINTR) {
                stopping.request_stop(); // nobody reads any more
                return;
            }
            done += qMax<ssize_t>(count, 0);
        }
    }
    void sayFailure(const QByteArray &id, const QString &message)
    {
        const QJsonObject error{{u"code"_s, internalError}, {u"message"_s, message}};
        say(R"({"jsonrpc":"2.0","id":)" + id + R"(,"error":)"
            + QJsonDocument(error).toJson(QJsonDocument::Compact) + '}');
    }

    QByteArrayList headers(QByteArrayList more = {})
    {
        const std::lock_guard lock(mutex);
        if (!session.isEmpty())
            more.append("Mcp-Session-Id: " + session);
        if (!version.isEmpty())
            more.append("MCP-Protocol-Version: " + version);
        return more;
    }

    /// What a POST or a resumed stream has brought so far.
    struct Received {
        QByteArray json;      ///< of an answer that is no stream
        QByteArray lastEvent; ///< id
        bool isStream = false;
        bool isAnswered = false;
    };
    /// Passes events on as they come; an answer that is no stream is gathered.
    std::function<Result<void>(QByteArrayView)> sinkFor(Received &received, const QByteArray &id,
                                                        std::shared_ptr<SseReader> &reader)
    {
        reader = std::make_shared<SseReader>([this, &received, id](const ServerEvent &event) {
            received.lastEvent = event.id;
            if (event.data.trimmed().isEmpty())
                return Result<void>(); // an id to come back with
            const QJsonObject message = QJsonDocument::fromJson(event.data).object();
            if (!message.contains("method"_L1) && idJson(message.value("id"_L1)) == id)
                received.isAnswered = true;
            say(event.data);
            return Result<void>();
        });
        return [this, &received, id, reader](QByteArrayView bytes) -> Result<void> {
            reached(id);
            if (!received.isStream && received.json.isEmpty()) {
                const QByteArrayView text = bytes.trimmed();
                received.isStream = !text.isEmpty() && text[0] != '{' && text[0] != '[';
            }
            if (received.isStream)
                return reader->feed(bytes);
            received.json.append(bytes);
            return {};
        };
    }

    Result<HttpAnswer> send(const QByteArray &body, const QByteArray &id, Received &received)
    {
        std::shared_ptr<SseReader> reader;
        HttpCall call{.method = "POST",
                      .target = target,
                      .headers = headers({"Content-Type: application/json",
                                          "Accept: application/json, text/event-stream"}),
                      .body = body};
        call.sink = sinkFor(received, id, reader);
        call.stop = stopping.get_token();
        return http->send(call);
    }

    /// The request has come to the server: what cancels it may follow.
    void reached(const QByteArray &id)
    {
        const std::lock_guard lock(mutex);
        if (underWay.contains(id))
            underWay[id] = true;
        changed.notify_all();
    }

    /// Begins the session again with what the client said; false: it cannot be had.
    bool beginAgain(const QByteArray &lost)
    {
        const std::lock_guard only(beginMutex);
        QByteArray first;
        {
            const std::lock_guard lock(mutex);
            if (session != lost)
                return true; // another request has done it
            first = initialize;
            session.clear();
        }
        Received received;
        const auto answer = first.isEmpty() ? Result<HttpAnswer>(fail(ErrorCode::NotFound, {}))
                                            : send(first, {}, received);
        if (!answer || !answer->isSuccess())
            return false;
        remember(*answer, received.json);
        Received nothing;
        (void)send(R"({"jsonrpc":"2.0","method":"notifications/initialized"})", {}, nothing);
        return true;
    }

    void remember(const HttpAnswer &answer, const QByteArray &json)
    {
        const QJsonObject result =
            QJsonDocument::fromJson(json).object().value("result"_L1).toObject();
        const std::lock_guard lock(mutex);
        session = answer.header("mcp-session-id");
        version = result.value("protocolVersion"_L1).toString().toLatin1();
        changed.notify_all();
    }

    /// Sends a message and passes on what comes of it.
    void exchange(const QByteArray &line, const Outline &outline)
    {
        Received received;
        QByteArray used;
        Result<HttpAnswer> answer = fail(ErrorCode::Internal, QString());
        for (int attempt = 0; attempt < 2; ++attempt) {
            {
                const std::lock_guard lock(mutex);
                used = session;
            }
            received = {};
            answer = send(line, outline.id, received);
            const bool isLost = answer && answer->status == 404 && !used.isEmpty()
                && outline.method != u"initialize";
            if (!isLost || !beginAgain(used))
                break;
        }
        if (received.isStream && !received.isAnswered)
            resume(outline.id, received);
        if (received.isAnswered || stopping.stop_requested())
            return;
        if (!answer)
            return failed(outline, answer.error().message);
        if (!answer->isSuccess())
            return refused(outline, *answer);
        if (outline.method == u"initialize")
            remember(*answer, received.json);
        if (!received.json.trimmed().isEmpty())
            say(received.json);
        else if (received.isStream && !isCancelled(outline.id))
            failed(outline, u"the server ended the call without an answer"_s);
    }

    /// The connection broke in the middle of a call, which goes on at the server.
    void resume(const QByteArray &id, Received &received)
    {
        for (int i = 0; i < maxResumptions && !received.lastEvent.isEmpty(); ++i) {
            {
                std::unique_lock lock(mutex);
                changed.wait_for(lock, resumePause, [this] { return stopping.stop_requested(); });
                if (cancelled.contains(id))
                    return;
            }
            if (received.isAnswered || stopping.stop_requested())
                return;
            std::shared_ptr<SseReader> reader;
            HttpCall call{.target = target,
                          .headers = headers({"Accept: text/event-stream",
                                              "Last-Event-ID: " + received.lastEvent})};
            call.sink = sinkFor(received, id, reader);
            call.stop = stopping.get_token();
            const auto answer = http->send(call);
            if (answer && !answer->isSuccess())
                return; // the server knows nothing of it any more
        }
    }

    bool isCancelled(const QByteArray &id)
    {
        const std::lock_guard lock(mutex);
        return cancelled.contains(id);
    }

    void failed(const Outline &outline, const QString &message)
    {
        if (isCancelled(outline.id))
            return;
        if (outline.id.isEmpty())
            complain(message);
        else
            sayFailure(outline.id, message);
    }

    void refused(const Outline &outline, const HttpAnswer &answer)
    {
        const QJsonObject body = QJsonDocument::fromJson(answer.body).object();
        if (body.contains("jsonrpc"_L1)) {
            if (outline.id.isEmpty() || body.value("id"_L1).isNull())
                return failed(outline,
                              body.value("error"_L1).toObject().value("message"_L1).toString());
            return say(answer.body);
        }
        const QString message = body.value("message"_L1).toString();
        failed(outline,
               message.isEmpty()
                   ? u"the server answers %1; is it a Skillbox server?"_s.arg(answer.status)
                   : message);
    }

    /// What belongs to no request: changes of the catalog.
    void listen()
    {
        QByteArray lastEvent;
        QByteArray of;
        while (!stopping.stop_requested()) {
            {
                std::unique_lock lock(mutex);
                changed.wait(lock,
                             [this] { return stopping.stop_requested() || !session.isEmpty(); });
                if (session != of)
                    lastEvent.clear(); // events of another session
                of = session;
            }
            if (stopping.stop_requested())
                return;
            Received received;
            received.lastEvent = lastEvent;
            std::shared_ptr<SseReader> reader;
            QByteArrayList fields{"Accept: text/event-stream"};
            if (!lastEvent.isEmpty())
                fields.append("Last-Event-ID: " + lastEvent);
            HttpCall call{.target = target, .headers = headers(fields)};
            call.sink = sinkFor(received, {}, reader);
            call.stop = stopping.get_token();
            const auto answer = http->send(call);
            lastEvent = received.lastEvent;
            if (answer && answer->status == 405)
                return; // that server has no news
            if (answer && answer->status == 404)
                (void)beginAgain(of);
            std::unique_lock lock(mutex);
            changed.wait_for(lock, listenPause, [this] { return stopping.stop_requested(); });
        }
    }

    void take(const QByteArray &line)
    {
        if (line.trimmed().isEmpty())
            return;
        const QJsonDocument document = QJsonDocument::fromJson(line);
        const Outline outline = outlineOf(document.object());
        if (outline.method == u"initialize") {
            {
                const std::lock_guard lock(mutex);
                initialize = line;
                session.clear();
                version.clear();
            }
            return exchange(line, outline); // what follows needs its session
        }
        const bool isCancellation = !outline.cancels.isEmpty();
        if (outline.id.isEmpty() && !isCancellation)
            return exchange(line, outline);
        {
            std::unique_lock lock(mutex);
            changed.wait(lock, [this] { return threads < maxRequests; });
            ++threads;
            quick += outline.method == u"tools/call" ? 0 : 1;
            if (!outline.id.isEmpty())
                underWay.emplace(outline.id, false);
        }
        std::thread([this, line, outline] {
            if (!outline.cancels.isEmpty())
                awaitRequest(outline.cancels);
            exchange(line, outline);
            const std::lock_guard lock(mutex);
            underWay.erase(outline.id);
            cancelled.erase(outline.id);
            --threads;
            quick -= outline.method == u"tools/call" ? 0 : 1;
            changed.notify_all();
        }).detach(); // counted, and waited for in finish()
    }

    void awaitRequest(const QByteArray &id)
    {
        std::unique_lock lock(mutex);
        if (underWay.contains(id))
            cancelled.insert(id);
        changed.wait_for(lock, cancelPatience, [&] {
            const auto it = underWay.find(id);
            return it == underWay.end() || it->second || stopping.stop_requested();
        });
    }

    Result<void> read(int input)
    {
        QByteArray buffer;
        std::array<char, 65536> piece{};
        for (;;) {
            const ssize_t count = ::read(input, piece.data(), piece.size());
            if (count < 0 && errno == EINTR)
                continue;
            if (count < 0)
                return failedCall(u"cannot read messages"_s);
            if (count == 0) {
                take(buffer);
                return {};
            }
            buffer.append(piece.data(), static_cast<qsizetype>(count));
            qsizetype from = 0;
            for (qsizetype end = buffer.indexOf('\n'); end >= 0; end = buffer.indexOf('\n', from)) {
                take(buffer.mid(from, end - from));
                from = end + 1;
            }
            buffer.remove(0, from);
            if (buffer.size() > longestLine)
                return fail(ErrorCode::TooLarge, u"a message is larger than 64 MiB"_s);
        }
    }

    /// Ends the server's session, and with it what it runs.
    void endSession()
    {
        HttpCall call{.method = "DELETE", .target = target, .headers = headers()};
        call.idleLimit = 5s;
        {
            const std::lock_guard lock(mutex);
            if (session.isEmpty())
                return;
            session.clear();
        }
        (void)http->send(call);
    }

    void finish()
    {
        {
            // Whoever asks and closes its end at once wants to know all the same; but for runs.
            std::unique_lock lock(mutex);
            changed.wait_for(lock, finishPatience, [this] { return quick == 0; });
        }
        endSession();
        stopping.request_stop();
        std::unique_lock lock(mutex);
        changed.notify_all();
        changed.wait(lock, [this] { return threads == 0; });
    }

    const std::unique_ptr<HttpClient> http;
    const QByteArray target;
    int output = -1;
    std::mutex outputMutex;
    std::mutex beginMutex; ///< one new session at a time
    std::stop_source stopping;
    std::mutex mutex; ///< guards what follows
    std::condition_variable changed;
    QByteArray session;
    QByteArray version;
    QByteArray initialize;               ///< the client's own message
    std::map<QByteArray, bool> underWay; ///< requests; whether the server has them
    std::set<QByteArray> cancelled;
    size_t threads = 0;
    int quick = 0; ///< of them, those that carry no run
};

McpBridge::McpBridge(std::unique_ptr<HttpClient> http, QByteArray target)
    : d(std::make_unique<Private>(std::move(http), std::move(target)))
{
}

McpBridge::~McpBridge() = default;

Result<void> McpBridge::run(int input, int output)
{
    d->output = output;
    std::thread listener([this] { d->listen(); });
    Result<void> outcome = d->read(input);
    d->finish();
    listener.join();
    return outcome;
}

void McpBridge::end()
{
    d->endSession();
    d->stopping.request_stop();
}

} // namespace skillbox
