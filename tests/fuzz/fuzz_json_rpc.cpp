// A message of the Model Context Protocol as bytes: whatever comes is read as messages or refused,
// and what is answered is JSON with the id that was sent.

#include "tests/fuzz/require.h"

#include "server/mcp/json_rpc.h"

#include <QJsonDocument>
#include <QJsonObject>

using namespace Qt::StringLiterals;
using namespace skillbox;

namespace {

void checkMessage(const RpcMessage &message)
{
    using Kind = RpcMessage::Kind;
    FUZZ_REQUIRE(message.id.isEmpty() == (message.kind == Kind::Notification));
    FUZZ_REQUIRE(message.method.isEmpty() == (message.kind == Kind::Response));
    FUZZ_REQUIRE(message.params.isEmpty() || message.params.isObject());
    if (message.kind != Kind::Request)
        return;
    const auto answer = JsonText::parse(rpcResult(message.id, "{}"));
    FUZZ_REQUIRE(answer.has_value());
    const RpcInput back = parseRpc(answer->bytes());
    FUZZ_REQUIRE(std::get<RpcMessage>(back.entries.first()).id == message.id);
}

void checkRefusal(const RpcRefusal &refusal)
{
    const QByteArray text = rpcFailure(refusal.id, refusal.error);
    FUZZ_REQUIRE(!text.contains('\n'));
    const auto json = JsonText::parse(text);
    FUZZ_REQUIRE(json.has_value());
    const QJsonObject object = QJsonDocument::fromJson(json->bytes()).object();
    FUZZ_REQUIRE(object.value("error"_L1).toObject().value("code"_L1).toInt() < 0);
    FUZZ_REQUIRE(object.contains("id"_L1));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const RpcLimits limits{.bytes = 1 << 20, .depth = 64, .batch = 20};
    const RpcInput input = parseRpc({data, static_cast<qsizetype>(size)}, limits);
    FUZZ_REQUIRE(!input.entries.isEmpty());
    FUZZ_REQUIRE(input.isBatch || input.entries.size() == 1);
    FUZZ_REQUIRE(input.entries.size() <= limits.batch);
    for (const auto &entry : input.entries) {
        if (const auto *message = std::get_if<RpcMessage>(&entry))
            checkMessage(*message);
        else
            checkRefusal(std::get<RpcRefusal>(entry));
    }
    return 0;
}
