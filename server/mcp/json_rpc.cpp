#include "server/mcp/json_rpc.h"

#include "server/api/json/json_output.h"
#include "server/api/json/json_reader.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

RpcRefusal refused(QByteArray id, RpcError::Code code, const QString &message)
{
    return {std::move(id), {code, message}};
}

bool isId(const JsonText &id, const RpcLimits &limits)
{
    const QByteArray &text = id.bytes();
    if (text.isEmpty() || text.size() > limits.idBytes)
        return false;
    return text[0] == '"' || text[0] == '-' || (text[0] >= '0' && text[0] <= '9');
}

std::variant<RpcMessage, RpcRefusal> messageOf(const JsonText &json, const RpcLimits &limits)
{
    const QByteArray unknown = "null";
    if (!json.isObject())
        return refused(unknown, RpcError::InvalidRequest, u"a message must be an object"_s);
    JsonReader reader = JsonReader::over(json);

    // The id first, so that whatever else is wrong is answered to the right request.
    RpcMessage message;
    const bool hasId = reader.has("id"_L1) || reader.isNull("id"_L1);
    if (hasId) {
        const JsonText id = reader.value("id"_L1);
        if (!isId(id, limits))
            return refused(unknown, RpcError::InvalidRequest,
                           u"id must be a string or a number of at most %1 bytes"_s.arg(
                               limits.idBytes));
        message.id = id.bytes();
    }
    const QByteArray answerTo = hasId ? message.id : unknown;
    if (reader.text("jsonrpc"_L1) != u"2.0")
        return refused(answerTo, RpcError::InvalidRequest, u"jsonrpc must be \"2.0\""_s);

    const bool isAnswer = reader.has("result"_L1) || reader.isNull("result"_L1)
        || reader.has("error"_L1);
    if (isAnswer) {
        if (!hasId || reader.has("method"_L1))
            return refused(answerTo, RpcError::InvalidRequest,
                           u"it is neither a request nor a response"_s);
        message.kind = RpcMessage::Kind::Response;
        return message;
    }
    message.method = reader.requiredText("method"_L1);
    if (reader.error())
        return refused(answerTo, RpcError::InvalidRequest, reader.error()->message);
    if (message.method.isEmpty() || message.method.size() > limits.methodCharacters)
        return refused(answerTo, RpcError::InvalidRequest, u"method is empty or too long"_s);
    message.kind = hasId ? RpcMessage::Kind::Request : RpcMessage::Kind::Notification;
    message.params = reader.value("params"_L1);
    if (!message.params.isEmpty() && !message.params.isObject())
        return refused(answerTo, RpcError::InvalidParams, u"params must be an object"_s);
    return message;
}

} // namespace

RpcInput parseRpc(QByteArrayView text, const RpcLimits &limits)
{
    RpcInput input;
    if (text.size() > limits.bytes) {
        input.entries.append(refused("null", RpcError::InvalidRequest,
                                     u"the message is larger than %1 bytes"_s.arg(limits.bytes)));
        return input;
    }
    const auto json = JsonText::parse(text, limits.depth);
    if (!json) {
        input.entries.append(
            refused("null", RpcError::ParseError, u"the message "_s + json.error().message));
        return input;
    }
    if (!json->bytes().startsWith('[')) {
        input.entries.append(messageOf(*json, limits));
        return input;
    }
    const QList<JsonText> messages = elementsOf(*json);
    input.isBatch = !messages.isEmpty() && messages.size() <= limits.batch;
    if (!input.isBatch) {
        input.entries.append(refused("null", RpcError::InvalidRequest,
                                     messages.isEmpty()
                                         ? u"a batch must not be empty"_s
                                         : u"a batch has at most %1 messages"_s.arg(limits.batch)));
        return input;
    }
    for (const JsonText &message : messages)
        input.entries.append(messageOf(message, limits));
    return input;
}

QByteArray rpcResult(const QByteArray &id, QByteArrayView result)
{
    QByteArray json = R"({"jsonrpc":"2.0","id":)"_ba + id + R"(,"result":)";
    json.append(result);
    return json + '}';
}

QByteArray rpcFailure(const QByteArray &id, const RpcError &error)
{
    JsonOutput json;
    json.beginObject()
        .member("jsonrpc", "2.0"_L1)
        .rawMember("id", id)
        .key("error")
        .beginObject()
        .member("code", qint64(error.code))
        .member("message", error.message);
    if (!error.data.isEmpty())
        json.rawMember("data", error.data.bytes());
    json.endObject().endObject();
    return json.bytes();
}

QByteArray rpcNotification(const char *method, QByteArrayView params)
{
    QByteArray json = R"({"jsonrpc":"2.0","method":")"_ba + method + '"';
    if (!params.isEmpty())
        json.append(R"(,"params":)").append(params);
    return json + '}';
}

} // namespace skillbox
