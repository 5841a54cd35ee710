#include "app/cli/json_file.h"

#include "engine/base/json_text.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// The end of the value or key that begins at `from`, in compact valid JSON.
qsizetype endOfPart(QByteArrayView json, qsizetype from)
{
    int depth = 0;
    for (qsizetype i = from; i < json.size(); ++i) {
        const char c = json[i];
        if (c == '"') {
            for (++i; json[i] != '"'; ++i) {
                if (json[i] == '\\')
                    ++i;
            }
        } else if (c == '{' || c == '[') {
            ++depth;
        } else if ((c == '}' || c == ']') && depth-- == 0) {
            return i;
        } else if ((c == ',' || c == ':') && depth == 0) {
            return i;
        }
    }
    return json.size();
}

/// A member's key as JSON: names that need an escape are none of ours, and stay as they are.
QByteArray keyJson(const QString &name)
{
    QByteArray json = "\"";
    for (const char c : name.toUtf8()) {
        if (c == '"' || c == '\\')
            json += '\\';
        json += c;
    }
    return json + '"';
}

Result<QByteArray> set(QByteArrayView object, const QStringList &path, const QByteArray &json)
{
    if (!object.startsWith('{')) {
        return fail(ErrorCode::BadRequest,
                    u"there is no object where \"%1\" belongs"_s.arg(path.first()));
    }
    const QByteArray wanted = keyJson(path.first());
    QByteArray result = "{";
    bool isSet = false;
    const auto value = [&](QByteArrayView old) -> Result<QByteArray> {
        return path.size() == 1 ? json : set(old, path.sliced(1), json);
    };
    const auto add = [&](QByteArrayView key, QByteArrayView text) {
        if (result.size() > 1)
            result += ',';
        result.append(key);
        result += ':';
        result.append(text);
    };
    for (qsizetype at = 1; at < object.size() - 1;) {
        const qsizetype colon = endOfPart(object, at);
        const qsizetype end = endOfPart(object, colon + 1);
        const QByteArrayView key = object.sliced(at, colon - at);
        const QByteArrayView old = object.sliced(colon + 1, end - colon - 1);
        if (key == wanted && !isSet) {
            const auto made = value(old);
            if (!made)
                return fail(made.error());
            add(key, *made);
            isSet = true;
        } else {
            add(key, old);
        }
        at = end + 1;
    }
    if (!isSet) {
        const auto made = value("{}");
        if (!made)
            return fail(made.error());
        add(wanted, *made);
    }
    return result + '}';
}

} // namespace

Result<QByteArray> withMember(const QByteArray &text, const QStringList &path,
                              const QByteArray &json)
{
    const QByteArray old = text.trimmed().isEmpty() ? "{}"_ba : text;
    const auto compact = JsonText::parse(old);
    if (!compact) {
        return fail(ErrorCode::BadRequest,
                    u"it %1 (a file with comments cannot be changed without losing them)"_s.arg(
                        compact.error().message));
    }
    const auto changed = set(compact->bytes(), path, json);
    if (!changed)
        return fail(changed.error());
    return prettyJson(*changed);
}

QByteArray prettyJson(const QByteArray &json)
{
    const auto compact = JsonText::parse(json);
    if (!compact)
        return json;
    const QByteArray &text = compact->bytes();
    QByteArray pretty;
    int depth = 0;
    const auto newLine = [&] { pretty += '\n' + QByteArray(depth * 2, ' '); };
    for (qsizetype i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool isEmpty = (c == '{' || c == '[') && (text[i + 1] == '}' || text[i + 1] == ']');
        if (c == '"') {
            const qsizetype from = i;
            for (++i; text[i] != '"'; ++i) {
                if (text[i] == '\\')
                    ++i;
            }
            pretty += text.mid(from, i - from + 1);
        } else if (isEmpty) {
            pretty += c;
            pretty += text[++i];
        } else if (c == '{' || c == '[') {
            pretty += c;
            ++depth;
            newLine();
        } else if (c == '}' || c == ']') {
            --depth;
            newLine();
            pretty += c;
        } else if (c == ',') {
            pretty += c;
            newLine();
        } else if (c == ':') {
            pretty += ": ";
        } else {
            pretty += c;
        }
    }
    return pretty + '\n';
}

} // namespace skillbox
