// A connection's bytes: whatever they are and however they are cut, the guard understands them in
// one way, and what it lets through keeps the promises that handlers rely on.

#include "tests/fuzz/require.h"

#include "server/http/chunk_decoder.h"
#include "server/http/content_coding.h"
#include "server/http/request_parser.h"
#include "server/http/request_target.h"
#include "server/http/selection.h"
#include "server/http/trace_context.h"

#include <algorithm>

using namespace Qt::StringLiterals;
using namespace skillbox;

namespace {

struct ParsedHead {
    RequestHeadParser parser{HttpLimits{}};
    qsizetype taken = 0;
};

ParsedHead parseHead(QByteArrayView data, qsizetype piece)
{
    ParsedHead parsed;
    while (parsed.taken < data.size()
           && parsed.parser.state() == RequestHeadParser::State::NeedsMore) {
        const QByteArrayView rest = data.sliced(parsed.taken);
        const qsizetype taken = parsed.parser.feed(rest.first(std::min(piece, rest.size())));
        FUZZ_REQUIRE(taken > 0);
        parsed.taken += taken;
    }
    return parsed;
}

struct DecodedChunks {
    ChunkDecoder decoder;
    QByteArray payload;
    qsizetype taken = 0;
};

DecodedChunks decodeChunks(QByteArrayView data, qsizetype piece)
{
    DecodedChunks decoded;
    while (decoded.taken < data.size()
           && decoded.decoder.state() == ChunkDecoder::State::NeedsMore) {
        const QByteArrayView rest = data.sliced(decoded.taken);
        const ChunkDecoder::Step step = decoded.decoder.next(
            rest.first(std::min(piece, rest.size())));
        FUZZ_REQUIRE(step.taken > 0 && step.payload.size() <= step.taken);
        decoded.taken += step.taken;
        decoded.payload += step.payload;
    }
    return decoded;
}

void checkTarget(const QByteArray &target)
{
    const auto decoded = decodeTarget(target);
    if (!decoded) {
        FUZZ_REQUIRE(!decoded.error().message.isEmpty());
        return;
    }
    const QString &path = decoded->path;
    FUZZ_REQUIRE(path.startsWith(u'/') && !path.contains(u'\\') && path.isValidUtf16());
    FUZZ_REQUIRE(
        std::all_of(path.cbegin(), path.cend(), [](QChar c) { return c >= u' ' && c != u'\x7f'; }));
    const QStringList segments = path.split(u'/');
    FUZZ_REQUIRE(!segments.contains(u".."_s) && !segments.contains(u"."_s));
    // Decoded once: as many slashes as were written.
    const QByteArrayView raw = QByteArrayView(target).first(
        target.indexOf('?') < 0 ? target.size() : target.indexOf('?'));
    FUZZ_REQUIRE(path.count(u'/') == std::count(raw.cbegin(), raw.cend(), '/'));
    FUZZ_REQUIRE(decoded->query.size() <= 128);
}

void checkHead(const RequestHead &head)
{
    FUZZ_REQUIRE(isHttpToken(head.method));
    FUZZ_REQUIRE(head.target == "*" || head.target.startsWith('/'));
    FUZZ_REQUIRE(head.http10 || !head.host.isEmpty());
    FUZZ_REQUIRE((head.framing == BodyFraming::Length) == (head.contentLength > 0));
    FUZZ_REQUIRE(head.headers.values("Content-Length").size()
                     + head.headers.values("Transfer-Encoding").size()
                 <= 1);
    FUZZ_REQUIRE((head.framing == BodyFraming::Chunked)
                 == head.headers.value("Transfer-Encoding").has_value());
    FUZZ_REQUIRE(head.headers.values("Host").size() <= 1);
    for (const auto &[name, value] : head.headers.fields())
        FUZZ_REQUIRE(isHttpToken(name) && isHttpFieldValue(value));
    checkTarget(head.target);

    const TraceContext trace = traceContextOf(head.headers);
    FUZZ_REQUIRE(trace.header().size() == 55);
    acceptsGzip(head.headers);
    constexpr qint64 size = 1000;
    const Selection selection = select(head.headers, head.headers, size, true);
    FUZZ_REQUIRE(selection.offset >= 0 && selection.length >= 0);
    FUZZ_REQUIRE(selection.offset + selection.length <= size);
    FUZZ_REQUIRE(selection.status != 206 || selection.length > 0);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const QByteArrayView bytes(data, qsizetype(size));
    const ParsedHead whole = parseHead(bytes, bytes.size());
    for (const qsizetype piece : {1, 7}) {
        const ParsedHead cut = parseHead(bytes, piece);
        FUZZ_REQUIRE(cut.parser.state() == whole.parser.state());
        FUZZ_REQUIRE(cut.parser.head().target == whole.parser.head().target);
        FUZZ_REQUIRE(cut.parser.head().headers.fields() == whole.parser.head().headers.fields());
        if (whole.parser.state() == RequestHeadParser::State::Complete)
            FUZZ_REQUIRE(cut.taken == whole.taken);
    }
    if (whole.parser.state() == RequestHeadParser::State::Refused) {
        FUZZ_REQUIRE(whole.parser.refusal().status >= 400);
        FUZZ_REQUIRE(!whole.parser.refusal().message.isEmpty());
        return 0;
    }
    if (whole.parser.state() != RequestHeadParser::State::Complete)
        return 0;
    checkHead(whole.parser.head());
    if (whole.parser.head().framing != BodyFraming::Chunked)
        return 0;
    const QByteArrayView body = bytes.sliced(whole.taken);
    const DecodedChunks all = decodeChunks(body, body.size());
    const DecodedChunks cut = decodeChunks(body, 1);
    FUZZ_REQUIRE(all.decoder.state() == cut.decoder.state());
    FUZZ_REQUIRE(all.payload.size() <= body.size());
    if (all.decoder.state() == ChunkDecoder::State::Complete) {
        FUZZ_REQUIRE(all.payload == cut.payload && all.taken == cut.taken);
    }
    return 0;
}
