#include "server/mcp/stdio_transport.h"

#include "engine/base/system_error.h"
#include "server/mcp/batch_answers.h"
#include "server/mcp/line_writer.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>

using namespace Qt::StringLiterals;

namespace skillbox {

class StdioTransport::Private
{
public:
    Private(McpHost &host, McpSession::Options options, McpCaller ourCaller,
            Descriptors ourDescriptors)
        : descriptors(ourDescriptors)
        , caller(std::move(ourCaller))
        , answers(std::make_shared<Answers>(ourDescriptors.output))
        , session(McpSession::create(host, std::move(options),
                                     [answers = answers](const McpOutput &output) {
                                         answers->take(output);
                                     }))
    {
    }

    /// What the session says on its way out. Held by the sink, too: a run may end late.
    struct Answers {
        explicit Answers(int descriptor) : writer(descriptor) { }

        void take(const McpOutput &output)
        {
            if (output.kind == McpOutput::Kind::Note)
                return writer.write(output.json, LineWriter::Need::May);
            QByteArray line = output.json;
            {
                const std::lock_guard lock(mutex);
                if (const auto it = batches.find(output.request); it != batches.end()) {
                    const auto batch = it->second;
                    batches.erase(it);
                    batch->add(output.json);
                    line = batch->whole().value_or(QByteArray());
                }
            }
            if (!line.isEmpty())
                writer.write(line, LineWriter::Need::Must);
        }

        LineWriter writer;
        std::mutex mutex;                                            ///< guards what follows
        std::map<QByteArray, std::shared_ptr<BatchAnswers>> batches; ///< by request
    };

    void receive(QByteArrayView line)
    {
        if (line.trimmed().isEmpty())
            return;
        const RpcInput input = parseRpc(line);
        if (input.isBatch)
            return receiveBatch(input);
        const auto &entry = input.entries.first();
        if (const auto *refusal = std::get_if<RpcRefusal>(&entry))
            refuse(*refusal);
        else
            session->receive(std::get<RpcMessage>(entry), caller);
    }

    void receiveBatch(const RpcInput &input)
    {
        const auto version = session->version();
        if (!version || !version->hasBatches()) {
            return refuse({"null",
                           {RpcError::InvalidRequest,
                            u"batches are of protocol version 2025-03-26 alone"_s}});
        }
        QByteArrayList refusals;
        QByteArrayList requests;
        for (const auto &entry : input.entries) {
            const auto *message = std::get_if<RpcMessage>(&entry);
            if (!message) {
                const auto &refusal = std::get<RpcRefusal>(entry);
                refusals.append(rpcFailure(refusal.id, refusal.error));
            } else if (message->kind == RpcMessage::Kind::Request) {
                requests.append(message->id);
            }
        }
        const auto batch = std::make_shared<BatchAnswers>(
            BatchAnswers::Form::Array, static_cast<int>(requests.size() + refusals.size()));
        for (const QByteArray &refusal : std::as_const(refusals))
            batch->add(refusal);
        if (requests.isEmpty()) {
            if (!refusals.isEmpty())
                answers->writer.write(*batch->whole(), LineWriter::Need::Must);
        } else {
            const std::lock_guard lock(answers->mutex);
            for (const QByteArray &request : std::as_const(requests))
                answers->batches.insert_or_assign(request, batch);
        }
        for (const auto &entry : input.entries) {
            if (const auto *message = std::get_if<RpcMessage>(&entry))
                session->receive(*message, caller);
        }
    }

    void refuse(const RpcRefusal &refusal)
    {
        answers->writer.write(rpcFailure(refusal.id, refusal.error), LineWriter::Need::Must);
    }

    /// Every whole line of the buffer; what is left is the beginning of the next one.
    void takeLines(QByteArray &buffer, bool &isSkipping)
    {
        qsizetype from = 0;
        for (qsizetype end = buffer.indexOf('\n'); end >= 0; end = buffer.indexOf('\n', from)) {
            if (isSkipping)
                isSkipping = false; // the rest of the line that was refused
            else
                receive(QByteArrayView(buffer).sliced(from, end - from));
            from = end + 1;
        }
        buffer.remove(0, from);
        const RpcLimits limits;
        if (!isSkipping && buffer.size() > limits.bytes) {
            isSkipping = true;
            refuse({"null",
                    {RpcError::InvalidRequest,
                     u"the message is larger than %1 bytes"_s.arg(limits.bytes)}});
        }
        if (isSkipping)
            buffer.clear();
    }

    Result<void> serve()
    {
        QByteArray buffer;
        bool isSkipping = false;
        std::array<char, 65536> piece{};
        for (;;) {
            std::array<pollfd, 2> ready{
                pollfd{.fd = descriptors.input, .events = POLLIN, .revents = 0},
                pollfd{.fd = descriptors.stop, .events = POLLIN, .revents = 0}};
            if (::poll(ready.data(), ready.size(), -1) < 0 && errno != EINTR)
                return failedCall(u"cannot wait for messages"_s);
            if (ready[1].revents != 0 || answers->writer.hasFailed())
                return {};
            if (ready[0].revents == 0)
                continue;
            const ssize_t count = ::read(descriptors.input, piece.data(), piece.size());
            if (count < 0 && (errno == EINTR || errno == EAGAIN))
                continue;
            if (count < 0)
                return failedCall(u"cannot read messages"_s);
            if (count == 0) {
                if (!isSkipping)
                    receive(buffer); // the last line may lack its end
                return {};
            }
            buffer.append(piece.data(), static_cast<qsizetype>(count));
            takeLines(buffer, isSkipping);
        }
    }

    const Descriptors descriptors;
    const McpCaller caller;
    const std::shared_ptr<Answers> answers;
    const std::shared_ptr<McpSession> session;
};

StdioTransport::StdioTransport(McpHost &host, McpSession::Options options, McpCaller caller,
                               Descriptors descriptors)
    : d(std::make_unique<Private>(host, std::move(options), std::move(caller), descriptors))
{
}

StdioTransport::~StdioTransport() = default;

Result<void> StdioTransport::serve()
{
    const Result<void> served = d->serve();
    d->session->close();
    return served;
}

} // namespace skillbox
