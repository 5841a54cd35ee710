#include "server/http/multipart_header.h"

#include "server/http/request_parser.h"

#include <QList>
#include <QStringDecoder>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {

namespace {

struct Parameter {
    QByteArray name; ///< lower case
    QByteArray value;
};

struct ParameterizedValue {
    QByteArray value; ///< before the first semicolon, lower case
    QList<Parameter> parameters;

    const QByteArray *find(QByteArrayView name) const
    {
        const auto found = std::find_if(parameters.cbegin(), parameters.cend(),
                                        [name](const Parameter &p) { return p.name == name; });
        return found == parameters.cend() ? nullptr : &found->value;
    }
};

void skipSpace(QByteArrayView &text)
{
    while (!text.isEmpty() && (text.front() == ' ' || text.front() == '\t'))
        text = text.sliced(1);
}

/// From behind the opening quote to behind the closing one; nullopt: it is not closed. Only quotes
/// and backslashes are escaped: some clients send the backslashes of a path as they are.
std::optional<QByteArray> takeQuoted(QByteArrayView &text)
{
    QByteArray value;
    for (qsizetype i = 0; i < text.size(); ++i) {
        if (text[i] == '"') {
            text = text.sliced(i + 1);
            return value;
        }
        const bool isEscape = text[i] == '\\' && i + 1 < text.size()
            && (text[i + 1] == '"' || text[i + 1] == '\\');
        value += text[isEscape ? ++i : i];
    }
    return std::nullopt;
}

/// `value; name=token; name="quoted"`; nullopt: malformed, or a parameter twice.
std::optional<ParameterizedValue> parseParameters(QByteArrayView text)
{
    ParameterizedValue parsed;
    const qsizetype first = text.indexOf(';') < 0 ? text.size() : text.indexOf(';');
    parsed.value = text.first(first).trimmed().toByteArray().toLower();
    text = text.sliced(first);
    while (true) {
        skipSpace(text);
        if (text.isEmpty())
            return parsed;
        if (text.front() != ';')
            return std::nullopt;
        text = text.sliced(1);
        skipSpace(text);
        if (text.isEmpty()) // some clients end in a semicolon
            return parsed;
        const qsizetype equals = text.indexOf('=');
        if (equals < 0 || !isHttpToken(text.first(equals)))
            return std::nullopt;
        Parameter parameter{text.first(equals).toByteArray().toLower(), {}};
        text = text.sliced(equals + 1);
        if (text.startsWith('"')) {
            text = text.sliced(1);
            const auto value = takeQuoted(text);
            if (!value)
                return std::nullopt;
            parameter.value = *value;
        } else {
            const auto end = std::find_if(text.cbegin(), text.cend(),
                                          [](char c) { return c == ';' || c == ' ' || c == '\t'; });
            parameter.value = text.first(end - text.cbegin()).toByteArray();
            text = text.sliced(parameter.value.size());
        }
        if (parsed.find(parameter.name))
            return std::nullopt;
        parsed.parameters.append(parameter);
    }
}

std::optional<QString> utf8(const QByteArray &bytes)
{
    // Stateless: else a character that is cut off at the end would be waited for, not refused.
    QStringDecoder decoder(QStringDecoder::Utf8, QStringDecoder::Flag::Stateless);
    QString text = decoder(bytes);
    if (decoder.hasError())
        return std::nullopt;
    const bool hasControl = std::any_of(text.cbegin(), text.cend(), [](QChar c) {
        return c < QChar(0x20) || c == QChar(0x7f);
    });
    return hasControl ? std::nullopt : std::optional(text);
}

/// `UTF-8''na%C3%AFve.txt` (RFC 8187).
std::optional<QString> extendedValue(const QByteArray &value)
{
    const qsizetype first = value.indexOf('\'');
    const qsizetype second = value.indexOf('\'', first + 1);
    if (first < 0 || second < 0 || value.first(first).compare("utf-8", Qt::CaseInsensitive) != 0)
        return std::nullopt;
    return utf8(QByteArray::fromPercentEncoding(value.sliced(second + 1)));
}

QString withoutFolders(const QString &path)
{
    const qsizetype slash = std::max(path.lastIndexOf(u'/'), path.lastIndexOf(u'\\'));
    return path.sliced(slash + 1);
}

tl::unexpected<Error> malformedPart(const QString &what)
{
    return fail(ErrorCode::BadRequest, u"a part of the form %1"_s.arg(what));
}

Result<void> takeDisposition(QByteArrayView value, PartHeader &header)
{
    const auto parsed = parseParameters(value);
    if (!parsed || parsed->value != "form-data")
        return malformedPart(u"has a malformed content-disposition"_s);
    const QByteArray *name = parsed->find("name");
    if (!name || name->isEmpty())
        return malformedPart(u"has no name"_s);
    const auto nameText = utf8(*name);
    if (!nameText)
        return malformedPart(u"has a name that is not text in UTF-8"_s);
    header.name = *nameText;
    const QByteArray *plain = parsed->find("filename");
    const QByteArray *extended = parsed->find("filename*");
    if (!plain && !extended)
        return {};
    const auto fileName = extended ? extendedValue(*extended) : utf8(*plain);
    if (!fileName)
        return malformedPart(u"has a file name that is not text in UTF-8"_s);
    header.fileName = withoutFolders(*fileName);
    return {};
}

} // namespace

Result<QByteArray> multipartBoundary(QByteArrayView contentType)
{
    const auto parsed = parseParameters(contentType);
    if (!parsed || parsed->value != "multipart/form-data") {
        return fail(ErrorCode::UnsupportedMedia, u"the body must be multipart/form-data"_s);
    }
    const QByteArray *boundary = parsed->find("boundary");
    const bool isBoundary = boundary && !boundary->isEmpty() && boundary->size() <= 70
        && !boundary->endsWith(' ')
        && std::all_of(boundary->cbegin(), boundary->cend(), [](char c) {
                                return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
                                    || (c >= '0' && c <= '9')
                                    || QByteArrayView("'()+_,-./:=? ").contains(c);
                            });
    if (!isBoundary)
        return fail(ErrorCode::BadRequest, u"the form's content type has no valid boundary"_s);
    return *boundary;
}

Result<PartHeader> parsePartHeader(QByteArrayView text)
{
    PartHeader header;
    bool hasDisposition = false;
    bool hasType = false;
    while (!text.isEmpty()) {
        const qsizetype end = text.indexOf("\r\n");
        if (end < 0)
            return malformedPart(u"has a line without an end in its header"_s);
        const QByteArrayView line = text.first(end);
        text = text.sliced(end + 2);
        const qsizetype colon = line.indexOf(':');
        if (colon < 0 || !isHttpToken(line.first(colon)) || !isHttpFieldValue(line.sliced(colon)))
            return malformedPart(u"has a malformed line in its header"_s);
        const QByteArray name = line.first(colon).toByteArray().toLower();
        const QByteArrayView value = line.sliced(colon + 1).trimmed();
        if (name == "content-disposition") {
            if (std::exchange(hasDisposition, true))
                return malformedPart(u"has two fields content-disposition"_s);
            if (auto taken = takeDisposition(value, header); !taken)
                return fail(taken.error());
        } else if (name == "content-type") {
            if (std::exchange(hasType, true))
                return malformedPart(u"has two fields content-type"_s);
            header.contentType = value.toByteArray();
        } else if (name == "content-transfer-encoding") {
            const QByteArray coding = value.toByteArray().toLower();
            if (coding != "binary" && coding != "8bit" && coding != "7bit")
                return malformedPart(u"has a content-transfer-encoding, which forms have not"_s);
        }
    }
    if (!hasDisposition)
        return malformedPart(u"has no content-disposition"_s);
    return header;
}

} // namespace skillbox
