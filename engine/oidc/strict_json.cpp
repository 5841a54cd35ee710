#include "engine/oidc/strict_json.h"

#include "engine/base/json_text.h"

#include <QJsonDocument>
#include <QSet>

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int mostLevels = 16;

/// Stops at the first name that its object has already. Names are compared without their escapes.
class TwiceFinder : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, TwiceFinder>
{
public:
    bool StartObject()
    {
        m_names.append(QSet<QByteArray>());
        return true;
    }
    bool EndObject(rapidjson::SizeType)
    {
        m_names.removeLast();
        return true;
    }
    bool Key(const char *text, rapidjson::SizeType length, bool)
    {
        const QByteArray name(text, static_cast<qsizetype>(length));
        if (m_names.last().contains(name)) {
            m_twice = name;
            return false;
        }
        m_names.last().insert(name);
        return true;
    }
    const std::optional<QByteArray> &twice() const { return m_twice; }

private:
    QList<QSet<QByteArray>> m_names; ///< of the objects that are open
    std::optional<QByteArray> m_twice;
};

} // namespace

Result<QJsonObject> parseStrictObject(QByteArrayView text)
{
    // Well-formed, of bounded depth, and UTF-8 afterwards.
    const Result<JsonText> json = JsonText::parse(text, mostLevels);
    if (!json)
        return fail(json.error());
    if (!json->isObject())
        return fail(ErrorCode::BadRequest, u"it is no JSON object"_s);
    const QByteArray &bytes = json->bytes();
    TwiceFinder finder;
    rapidjson::MemoryStream stream(bytes.constData(), static_cast<size_t>(bytes.size()));
    rapidjson::Reader().Parse<rapidjson::kParseIterativeFlag>(stream, finder);
    if (finder.twice()) {
        return fail(ErrorCode::BadRequest,
                    u"the member \"%1\" comes twice"_s.arg(
                        QString::fromUtf8(finder.twice()->left(100))));
    }
    return QJsonDocument::fromJson(bytes).object();
}

std::optional<QByteArray> fromBase64Url(QByteArrayView text)
{
    constexpr auto form = QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals;
    const QByteArray given = text.toByteArray();
    auto decoded = QByteArray::fromBase64Encoding(given,
                                                  form | QByteArray::AbortOnBase64DecodingErrors);
    if (!decoded || decoded.decoded.toBase64(form) != given)
        return std::nullopt;
    return std::move(decoded.decoded);
}

} // namespace skillbox
