#include "engine/execution/input_schema.h"

#include "engine/execution/schema_check.h"
#include "engine/execution/schema_document.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int maxSchemaDepth = 64;

tl::unexpected<Error> notUsable(const QString &why)
{
    return fail(ErrorCode::InvalidSkill, why);
}

} // namespace

InputSchema::InputSchema(std::unique_ptr<const Document> document) : m_document(std::move(document))
{
}

InputSchema::~InputSchema() = default;
InputSchema::InputSchema(InputSchema &&) noexcept = default;
InputSchema &InputSchema::operator=(InputSchema &&) noexcept = default;

Result<InputSchema> InputSchema::parse(const QByteArray &text)
{
    if (text.size() > maxBytes)
        return notUsable(u"it is larger than %1 bytes"_s.arg(maxBytes));
    const auto json = JsonText::parse(text, maxSchemaDepth);
    if (!json)
        return notUsable(u"it %1"_s.arg(json.error().message));
    auto document = std::make_unique<Document>();
    document->json.Parse<schemaParseFlags>(json->bytes().constData(),
                                           static_cast<size_t>(json->bytes().size()));
    if (document->json.HasParseError())
        return notUsable(u"it is not JSON"_s);
    SchemaReader reader(document->ignored);
    if (const auto complaint = reader.read(document->json, document->references,
                                           document->patterns))
        return notUsable(complaint->startsWith(u'/') ? *complaint : u"it"_s + *complaint);
    return InputSchema(std::move(document));
}

Result<void> InputSchema::check(const JsonText &input) const
{
    rapidjson::Document instance;
    instance.Parse<schemaParseFlags>(input.bytes().constData(),
                                     static_cast<size_t>(input.bytes().size()));
    if (instance.HasParseError())
        return fail(ErrorCode::InvalidInput, u"the input is not JSON"_s);
    SchemaCheck check({.references = m_document->references, .patterns = m_document->patterns},
                      maxViolations, input.bytes().size());
    if (check.run(m_document->json, instance))
        return {};
    if (check.exhausted()) {
        return fail(ErrorCode::InvalidInput,
                    u"the input is too large or too deep to be checked against the skill's"
                    " schema"_s);
    }
    Error error{ErrorCode::InvalidInput, u"the input does not match the skill's schema"_s};
    error.items = check.violations();
    if (!error.items.isEmpty()) {
        const QJsonObject first = error.items.first().toObject();
        const QString pointer = first[u"pointer"_s].toString();
        error.message += u": %1 %2"_s.arg(pointer.isEmpty() ? u"it"_s : pointer,
                                          first[u"message"_s].toString());
        if (error.items.size() > 1)
            error.message += u", and %1 more"_s.arg(error.items.size() - 1);
    }
    return fail(std::move(error));
}

const QStringList &InputSchema::ignoredKeywords() const
{
    return m_document->ignored;
}

} // namespace skillbox
