#include "server/api/json/json_reader.h"

#include <QJsonArray>
#include <QJsonDocument>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// The end of the value that begins at `from`. The text is compact JSON that has been validated, so
/// it is enough to tell strings from the rest and to count brackets.
qsizetype endOfValue(QByteArrayView json, qsizetype from)
{
    int depth = 0;
    for (qsizetype i = from; i < json.size(); ++i) {
        switch (json[i]) {
        case '"':
            for (++i; json[i] != '"'; ++i) {
                if (json[i] == '\\')
                    ++i;
            }
            break;
        case '[':
        case '{': ++depth; break;
        case ']':
        case '}':
            if (depth == 0)
                return i;
            --depth;
            break;
        case ',':
        case ':':
            if (depth == 0)
                return i;
            break;
        default: break;
        }
    }
    return json.size();
}

/// The values between the outer brackets of an array, or the keys and values of an object in turn.
QList<QByteArrayView> partsOf(QByteArrayView container)
{
    QList<QByteArrayView> parts;
    for (qsizetype at = 1; at < container.size() - 1;) {
        const qsizetype end = endOfValue(container, at);
        parts.append(container.sliced(at, end - at));
        at = end + 1;
    }
    return parts;
}

bool isText(QByteArrayView json)
{
    return json.startsWith('"');
}

QString textOf(QByteArrayView json)
{
    // Most have no escapes.
    if (!json.contains('\\'))
        return QString::fromUtf8(json.sliced(1, json.size() - 2));
    return QJsonDocument::fromJson('[' + json.toByteArray() + ']').array().at(0).toString();
}

} // namespace

Result<JsonReader> JsonReader::parse(QByteArrayView body)
{
    auto text = JsonText::parse(body);
    if (!text)
        return fail(ErrorCode::BadRequest, u"the body "_s + text.error().message);
    if (!text->isObject())
        return fail(ErrorCode::BadRequest, u"the body must be a JSON object"_s);
    return over(std::move(*text));
}

JsonReader JsonReader::over(JsonText object)
{
    JsonReader reader;
    if (!object.isObject())
        return reader;
    reader.m_text = std::move(object);
    const QList<QByteArrayView> parts = partsOf(reader.m_text.bytes());
    for (qsizetype i = 0; i + 1 < parts.size(); i += 2)
        reader.m_members.emplaceBack(textOf(parts[i]), parts[i + 1]);
    return reader;
}

const QByteArrayView *JsonReader::find(QLatin1StringView name) const
{
    const auto found = std::find_if(m_members.crbegin(), m_members.crend(),
                                    [&](const auto &member) { return member.first == name; });
    return found == m_members.crend() ? nullptr : &found->second;
}

QByteArrayView JsonReader::raw(QLatin1StringView name) const
{
    const QByteArrayView *found = find(name);
    return !found || *found == "null" ? QByteArrayView() : *found;
}

bool JsonReader::isNull(QLatin1StringView name) const
{
    const QByteArrayView *found = find(name);
    return found && *found == "null";
}

void JsonReader::refuse(const QString &message)
{
    if (!m_error)
        m_error = Error{ErrorCode::BadRequest, message};
}

QString JsonReader::requiredText(QLatin1StringView name)
{
    if (!has(name)) {
        refuse(u"%1 is missing"_s.arg(name));
        return {};
    }
    return text(name);
}

QString JsonReader::text(QLatin1StringView name, const QString &standard)
{
    const QByteArrayView json = raw(name);
    if (json.isEmpty())
        return standard;
    if (!isText(json)) {
        refuse(u"%1 must be a string"_s.arg(name));
        return {};
    }
    return textOf(json);
}

bool JsonReader::flag(QLatin1StringView name, bool standard)
{
    const QByteArrayView json = raw(name);
    if (json.isEmpty())
        return standard;
    if (json != "true" && json != "false")
        refuse(u"%1 must be true or false"_s.arg(name));
    return json == "true";
}

std::optional<qint64> JsonReader::number(QLatin1StringView name, qint64 least, qint64 most)
{
    const QByteArrayView json = raw(name);
    if (json.isEmpty())
        return std::nullopt;
    bool isNumber = false;
    const qint64 number = json.toByteArray().toLongLong(&isNumber);
    if (!isNumber || number < least || number > most) {
        refuse(u"%1 must be a whole number from %2 to %3"_s.arg(name).arg(least).arg(most));
        return std::nullopt;
    }
    return number;
}

QStringList JsonReader::texts(QLatin1StringView name)
{
    const QByteArrayView json = raw(name);
    if (json.isEmpty())
        return {};
    if (!json.startsWith('[')) {
        refuse(u"%1 must be an array of strings"_s.arg(name));
        return {};
    }
    QStringList texts;
    const QList<QByteArrayView> parts = partsOf(json);
    for (qsizetype i = 0; i < parts.size(); ++i) {
        if (!isText(parts[i])) {
            refuse(u"%1[%2] must be a string"_s.arg(name).arg(i));
            return {};
        }
        texts.append(textOf(parts[i]));
    }
    return texts;
}

QMap<QString, QString> JsonReader::textMap(QLatin1StringView name)
{
    const QByteArrayView json = raw(name);
    if (json.isEmpty())
        return {};
    if (!json.startsWith('{')) {
        refuse(u"%1 must be an object of strings"_s.arg(name));
        return {};
    }
    QMap<QString, QString> map;
    const QList<QByteArrayView> parts = partsOf(json);
    for (qsizetype i = 0; i + 1 < parts.size(); i += 2) {
        const QString key = textOf(parts[i]);
        if (!isText(parts[i + 1])) {
            // The key is the client's: last, for it may hold a placeholder.
            refuse(u"%1[\"%2\"] must be a string"_s.arg(name, key.left(200)));
            return {};
        }
        map.insert(key, textOf(parts[i + 1]));
    }
    return map;
}

JsonText JsonReader::value(QLatin1StringView name)
{
    const QByteArrayView json = raw(name);
    if (json.isEmpty())
        return {};
    return JsonText::parse(json).value_or(JsonText()); // it has been validated as a part already
}

QList<JsonText> elementsOf(const JsonText &array)
{
    QList<JsonText> elements;
    if (!array.bytes().startsWith('['))
        return elements;
    for (const QByteArrayView part : partsOf(array.bytes()))
        elements.append(JsonText::parse(part).value_or(JsonText())); // validated as a part already
    return elements;
}

} // namespace skillbox
