#include "engine/base/json_text.h"

// An allocation failure inside the parser is ours to report, not to abort on.
#define RAPIDJSON_HAS_STDSTRING 0
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// Copies each token to compact text. Numbers arrive as text (kParseNumbersAsStringsFlag).
class CompactWriter : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, CompactWriter>
{
public:
    CompactWriter(QByteArray &out, int maxDepth) : m_out(out), m_maxDepth(maxDepth) { }

    bool tooDeep() const { return m_tooDeep; }
    bool hasLoneSurrogate() const { return m_loneSurrogate; }

    bool Null() { return token("null"); }
    bool Bool(bool value) { return value ? token("true") : token("false"); }
    bool RawNumber(const char *text, rapidjson::SizeType length, bool)
    {
        return token(QByteArrayView(text, length));
    }
    bool String(const char *text, rapidjson::SizeType length, bool)
    {
        separate();
        return quote(QByteArrayView(text, length));
    }
    bool Key(const char *text, rapidjson::SizeType length, bool)
    {
        separate();
        const bool isText = quote(QByteArrayView(text, length));
        m_out += ':';
        m_first = true; // the value follows without a comma
        return isText;
    }
    bool StartObject() { return open('{'); }
    bool EndObject(rapidjson::SizeType) { return close('}'); }
    bool StartArray() { return open('['); }
    bool EndArray(rapidjson::SizeType) { return close(']'); }

private:
    bool token(QByteArrayView text)
    {
        separate();
        m_out += text;
        return true;
    }
    bool open(char bracket)
    {
        if (++m_depth > m_maxDepth) {
            m_tooDeep = true;
            return false;
        }
        separate();
        m_out += bracket;
        m_first = true;
        return true;
    }
    bool close(char bracket)
    {
        --m_depth;
        m_out += bracket;
        m_first = false;
        return true;
    }
    void separate()
    {
        if (!m_first)
            m_out += ',';
        m_first = false;
    }
    /// The parser lets the escape of a low surrogate through that no high one precedes; what it
    /// makes of it is not UTF-8.
    bool quote(QByteArrayView text)
    {
        static constexpr char hex[] = "0123456789abcdef";
        if (!text.isValidUtf8()) {
            m_loneSurrogate = true;
            return false;
        }
        m_out += '"';
        for (const char c : text) {
            const auto byte = static_cast<unsigned char>(c);
            switch (c) {
            case '"': m_out += "\\\""; break;
            case '\\': m_out += "\\\\"; break;
            case '\b': m_out += "\\b"; break;
            case '\f': m_out += "\\f"; break;
            case '\n': m_out += "\\n"; break;
            case '\r': m_out += "\\r"; break;
            case '\t': m_out += "\\t"; break;
            default:
                if (byte < 0x20) {
                    m_out += "\\u00";
                    m_out += hex[byte >> 4];
                    m_out += hex[byte & 15];
                } else {
                    m_out += c;
                }
            }
        }
        m_out += '"';
        return true;
    }

    QByteArray &m_out;
    const int m_maxDepth;
    int m_depth = 0;
    bool m_first = true;
    bool m_tooDeep = false;
    bool m_loneSurrogate = false;
};

QString place(QByteArrayView text, size_t offset)
{
    const auto before = text.first(qMin<qsizetype>(static_cast<qsizetype>(offset), text.size()));
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const auto column = before.size() - (before.lastIndexOf('\n') + 1) + 1;
    return u"line %1, column %2"_s.arg(line).arg(column);
}

} // namespace

Result<JsonText> JsonText::parse(QByteArrayView text, int maxDepth)
{
    if (text.trimmed().isEmpty())
        return fail(ErrorCode::BadRequest, u"is empty where a JSON value is expected"_s);
    // To the parser a NUL is the end of the text: it would not look at what follows.
    if (const qsizetype nul = text.indexOf('\0'); nul >= 0) {
        return fail(ErrorCode::BadRequest, u"is not valid JSON at %1: NUL byte"_s.arg(
                                               place(text, static_cast<size_t>(nul))));
    }

    JsonText result;
    result.m_bytes.reserve(text.size());
    CompactWriter writer(result.m_bytes, maxDepth);
    rapidjson::MemoryStream memory(text.data(), static_cast<size_t>(text.size()));
    rapidjson::EncodedInputStream<rapidjson::UTF8<>, rapidjson::MemoryStream> stream(memory);
    rapidjson::Reader reader;
    constexpr unsigned flags = rapidjson::kParseIterativeFlag
        | rapidjson::kParseValidateEncodingFlag | rapidjson::kParseNumbersAsStringsFlag;
    const rapidjson::ParseResult parsed = reader.Parse<flags>(stream, writer);
    if (!parsed) {
        if (writer.tooDeep()) {
            return fail(ErrorCode::BadRequest,
                        u"is nested deeper than %1 levels at %2"_s.arg(maxDepth).arg(
                            place(text, parsed.Offset())));
        }
        if (writer.hasLoneSurrogate()) {
            return fail(ErrorCode::BadRequest,
                        u"is not valid JSON at %1: half a surrogate pair in a string"_s.arg(
                            place(text, parsed.Offset())));
        }
        return fail(ErrorCode::BadRequest,
                    u"is not valid JSON at %1: %2"_s.arg(
                        place(text, parsed.Offset()),
                        QString::fromLatin1(rapidjson::GetParseError_En(parsed.Code()))));
    }
    return result;
}

} // namespace skillbox
