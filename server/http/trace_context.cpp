#include "server/http/trace_context.h"

#include <QRandomGenerator>

#include <algorithm>
#include <array>

namespace skillbox {

namespace {

constexpr qsizetype maxTraceState = 512; // what the specification asks to be passed on at least

QByteArray randomHex(qsizetype bytes)
{
    std::array<quint32, 4> words{};
    QRandomGenerator::global()->generate(words.begin(), words.begin() + bytes / 4);
    words[0] |= 1; // never all zeros, which stands for none
    return QByteArray(reinterpret_cast<const char *>(words.data()), bytes).toHex();
}

bool isLowerHex(QByteArrayView text)
{
    return std::all_of(text.cbegin(), text.cend(),
                       [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool isZero(QByteArrayView text)
{
    return std::all_of(text.cbegin(), text.cend(), [](char c) { return c == '0'; });
}

/// Takes over what the field says; false: it is none.
bool takeTraceParent(QByteArrayView text, TraceContext &trace)
{
    if (text.size() < 55 || text[2] != '-' || text[35] != '-' || text[52] != '-')
        return false;
    const QByteArrayView version = text.first(2);
    const QByteArrayView traceId = text.sliced(3, 32);
    const QByteArrayView parent = text.sliced(36, 16);
    const QByteArrayView flags = text.sliced(53, 2);
    if (!isLowerHex(version) || version == "ff" || !isLowerHex(traceId) || isZero(traceId)
        || !isLowerHex(parent) || isZero(parent) || !isLowerHex(flags))
        return false;
    if (text.size() > 55 && (version == "00" || text[55] != '-')) // later versions may say more
        return false;
    trace.traceId = traceId.toByteArray();
    trace.parentSpanId = parent.toByteArray();
    // Of the flags only `sampled` has a meaning in level 1.
    trace.flags = (flags[1] >= 'a' ? flags[1] - 'a' + 10 : flags[1] - '0') & 1 ? "01" : "00";
    return true;
}

} // namespace

TraceContext traceContextOf(const HttpHeaders &headers)
{
    TraceContext trace;
    const QList<QByteArray> parents = headers.values("traceparent");
    if (parents.size() == 1 && takeTraceParent(parents.first(), trace)) {
        const QByteArray state = headers.values("tracestate").join(',');
        if (state.size() <= maxTraceState)
            trace.state = state;
    } else {
        trace.traceId = randomHex(16);
    }
    trace.spanId = randomHex(8);
    return trace;
}

} // namespace skillbox
