#include "engine/skill/test_case.h"

#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>
#include <vector>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

tl::unexpected<Error> badCase(const QString &why)
{
    return fail(ErrorCode::InvalidSkill, u"the test case "_s + why);
}

QJsonValue valueOf(const JsonText &text)
{
    // QJsonDocument takes arrays and objects only.
    return QJsonDocument::fromJson('[' + text.bytes() + ']').array().at(0);
}

QString shownJson(const QJsonValue &value)
{
    QByteArray text = QJsonDocument(QJsonArray{value}).toJson(QJsonDocument::Compact);
    text = text.sliced(1, text.size() - 2);
    return text.size() <= 300 ? QString::fromUtf8(text) : QString::fromUtf8(text.first(300)) + u'…';
}

/// The bytes of a member's value in a compact JSON object, so that numbers and the order of members
/// reach the skill as they were written; empty: no such member.
QByteArrayView rawMember(QByteArrayView object, QByteArrayView quotedKey)
{
    const auto skipString = [&object](qsizetype at) {
        for (++at; at < object.size() && object[at] != '"'; ++at) {
            if (object[at] == '\\')
                ++at;
        }
        return at + 1;
    };
    for (qsizetype at = 1; at < object.size() && object[at] == '"';) {
        const qsizetype keyEnd = skipString(at);
        const auto key = object.sliced(at, keyEnd - at);
        const qsizetype start = keyEnd + 1;
        int depth = 0;
        qsizetype end = start;
        while (end < object.size()) {
            const char c = object[end];
            if (c == '"') {
                end = skipString(end);
                continue;
            }
            if (depth == 0 && (c == ',' || c == '}'))
                break;
            depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
            ++end;
        }
        if (key == quotedKey)
            return object.sliced(start, end - start);
        at = end + 1;
    }
    return {};
}

/// A text, or several in a list.
std::optional<QStringList> texts(const QJsonValue &value)
{
    if (value.isUndefined())
        return QStringList();
    if (value.isString())
        return QStringList{value.toString()};
    if (!value.isArray())
        return std::nullopt;
    QStringList list;
    for (const QJsonValue &item : value.toArray()) {
        if (!item.isString())
            return std::nullopt;
        list += item.toString();
    }
    return list;
}

std::optional<QString> unknownMember(const QJsonObject &object, const QStringList &known)
{
    for (const QString &key : object.keys()) {
        if (!known.contains(key))
            return key;
    }
    return std::nullopt;
}

QStringList prettyLines(const std::optional<QJsonValue> &value)
{
    if (!value)
        return {u"(nothing)"_s};
    if (value->isObject())
        return QString::fromUtf8(QJsonDocument(value->toObject()).toJson()).trimmed().split(u'\n');
    if (value->isArray())
        return QString::fromUtf8(QJsonDocument(value->toArray()).toJson()).trimmed().split(u'\n');
    return {shownJson(*value)};
}

/// Lines of both texts, `-` only expected, `+` only there, by the longest common subsequence.
/// Falls back to both in full where that would take long.
QString lineDifference(const QStringList &expected, const QStringList &actual)
{
    constexpr qsizetype maxLines = 400;
    QStringList out;
    if (expected.size() > maxLines || actual.size() > maxLines) {
        return u"the values have %1 and %2 lines; too many to compare here"_s.arg(expected.size())
            .arg(actual.size());
    }
    const qsizetype columns = actual.size() + 1;
    std::vector<int> longest(static_cast<size_t>((expected.size() + 1) * columns), 0);
    const auto cell = [&](qsizetype i, qsizetype j) -> int & {
        return longest[static_cast<size_t>(i * columns + j)];
    };
    for (qsizetype i = expected.size() - 1; i >= 0; --i) {
        for (qsizetype j = actual.size() - 1; j >= 0; --j) {
            cell(i, j) = expected[i] == actual[j] ? cell(i + 1, j + 1) + 1
                                                  : std::max(cell(i + 1, j), cell(i, j + 1));
        }
    }
    QStringList same; // lines since the last difference, of which only the nearest are shown
    const auto flush = [&](bool atEnd) {
        constexpr qsizetype context = 2;
        if (same.size() > 2 * context || (out.isEmpty() && same.size() > context)) {
            if (!out.isEmpty())
                out += same.first(context);
            out += u"  …"_s;
            if (!atEnd)
                out += same.last(context);
        } else {
            out += same;
        }
        same.clear();
    };
    qsizetype i = 0;
    qsizetype j = 0;
    while (i < expected.size() || j < actual.size()) {
        if (i < expected.size() && j < actual.size() && expected[i] == actual[j]) {
            same += u"  "_s + expected[i++];
            ++j;
        } else if (j < actual.size()
                   && (i == expected.size() || cell(i, j + 1) >= cell(i + 1, j))) {
            flush(false);
            out += u"+ "_s + actual[j++];
        } else {
            flush(false);
            out += u"- "_s + expected[i++];
        }
    }
    flush(true);
    return out.join(u'\n');
}

/// Why the bytes are not what the file's name says; empty: they are.
QString malformed(const QString &name, const QByteArray &content)
{
    if (content.isEmpty())
        return u"is empty"_s;
    if (name.endsWith(u".png") && !content.startsWith("\x89PNG\r\n\x1A\n"))
        return u"is not a PNG"_s;
    if (name.endsWith(u".svg") && !content.contains("<svg"))
        return u"is not an SVG"_s;
    if (name.endsWith(u".json")) {
        if (const auto json = JsonText::parse(content); !json)
            return u"is not JSON: "_s + json.error().message;
    }
    return {};
}

} // namespace

Result<TestCase> parseTestCase(QByteArrayView text)
{
    const auto json = JsonText::parse(text);
    if (!json)
        return badCase(u"is not JSON: "_s + json.error().message);
    if (!json->isObject())
        return badCase(u"must be an object"_s);
    const QJsonObject object = QJsonDocument::fromJson(json->bytes()).object();
    if (const auto unknown = unknownMember(
            object, {u"name"_s, u"description"_s, u"input"_s, u"files"_s, u"expect"_s})) {
        return badCase(u"has an unknown member \"%1\""_s.arg(unknown->left(100)));
    }
    if (!object[u"expect"].isObject())
        return badCase(u"needs an object \"expect\""_s);
    const QJsonObject expect = object[u"expect"].toObject();
    if (const auto unknown = unknownMember(expect,
                                           {u"status"_s, u"output"_s, u"pointers"_s, u"files"_s,
                                            u"error_contains"_s, u"logs_contain"_s})) {
        return badCase(u"has an unknown member \"expect.%1\""_s.arg(unknown->left(100)));
    }

    TestCase testCase;
    testCase.name = object[u"name"].toString();
    testCase.description = object[u"description"].toString();
    if (object.contains(u"input"_s)) {
        auto value = JsonText::parse(rawMember(json->bytes(), "\"input\""));
        if (!value)
            return fail(value.error());
        testCase.input = std::move(*value);
    }
    const QJsonValue files = object[u"files"];
    if (!files.isUndefined() && !files.isObject())
        return badCase(u"needs \"files\" as {\"name\": \"content\"}"_s);
    const QJsonObject fileObject = files.toObject();
    for (auto it = fileObject.begin(); it != fileObject.end(); ++it) {
        if (!it->isString())
            return badCase(u"needs \"files\" as {\"name\": \"content\"}"_s);
        testCase.files += {it.key(), it->toString().toUtf8()};
    }
    const QString status = expect[u"status"].toString();
    if (status != u"success" && status != u"failed")
        return badCase(u"needs \"expect.status\": \"success\" or \"failed\""_s);
    testCase.expectsSuccess = status == u"success";
    if (expect.contains(u"output"_s))
        testCase.output = expect[u"output"];
    if (const QJsonValue pointers = expect[u"pointers"]; !pointers.isUndefined()) {
        if (!pointers.isObject())
            return badCase(u"needs \"expect.pointers\" as {\"/pointer\": value}"_s);
        const QJsonObject members = pointers.toObject();
        for (auto it = members.begin(); it != members.end(); ++it) {
            if (!it.key().isEmpty() && !it.key().startsWith(u'/'))
                return badCase(
                    u"has the pointer \"%1\", which must begin with /"_s.arg(it.key().left(100)));
            testCase.pointers += {it.key(), *it};
        }
    }
    const auto expectedFiles = texts(expect[u"files"]);
    const auto errorTexts = texts(expect[u"error_contains"]);
    const auto logs = texts(expect[u"logs_contain"]);
    if (!expectedFiles || !errorTexts || !logs)
        return badCase(u"needs texts in \"files\", \"error_contains\" and \"logs_contain\""_s);
    testCase.expectedFiles = *expectedFiles;
    testCase.errorContains = *errorTexts;
    testCase.logsContain = *logs;
    return testCase;
}

QStringList testProblems(const TestCase &testCase, const TestObservation &observed)
{
    QStringList problems;
    std::optional<QJsonValue> output;
    if (!observed.output.isEmpty())
        output = valueOf(observed.output);
    const QString wanted = testCase.expectsSuccess ? u"success"_s : u"failed"_s;
    if (observed.succeeded != testCase.expectsSuccess) {
        QString problem = u"the status is %1, not %2"_s.arg(observed.status, wanted);
        if (!observed.error.isEmpty())
            problem += u"\nerror: "_s + observed.error;
        if (!observed.logs.trimmed().isEmpty())
            problem += u"\nlog: "_s + observed.logs.trimmed().right(2000);
        problems += problem;
    }
    if (testCase.output && !(output && sameJson(*output, *testCase.output))) {
        problems += u"the output differs (- expected, + there):\n"_s
            + lineDifference(prettyLines(testCase.output), prettyLines(output));
    }
    for (const auto &[pointer, value] : testCase.pointers) {
        const auto found = output ? valueAt(*output, pointer) : std::nullopt;
        if (!found || !sameJson(*found, value)) {
            problems += u"output%1 is %2, not %3"_s.arg(pointer,
                                                        found ? shownJson(*found) : u"not there"_s,
                                                        shownJson(value));
        }
    }
    for (const QString &name : testCase.expectedFiles) {
        if (!observed.files.contains(name)) {
            problems += u"there is no file %1; there are: %2"_s.arg(
                name, observed.files.isEmpty() ? u"none"_s : observed.files.join(u", "_s));
        } else if (const QString why = malformed(name, observed.fileContent(name));
                   !why.isEmpty()) {
            problems += u"the file %1 %2"_s.arg(name, why);
        }
    }
    const QString outputError = output ? output->toObject()[u"error"].toString() : QString();
    const QString error = outputError + u'\n' + observed.error;
    for (const QString &part : testCase.errorContains) {
        if (!error.contains(part))
            problems += u"the error does not contain \"%1\"; it is: %2"_s.arg(
                part, error.trimmed().left(500));
    }
    for (const QString &part : testCase.logsContain) {
        if (!observed.logs.contains(part))
            problems += u"the log does not contain \"%1\"; it is: %2"_s.arg(
                part, observed.logs.trimmed().left(500));
    }
    return problems;
}

bool sameJson(const QJsonValue &a, const QJsonValue &b)
{
    if (a.isDouble() && b.isDouble())
        return a.toDouble() == b.toDouble();
    if (a.type() != b.type())
        return false;
    if (a.isArray()) {
        const QJsonArray left = a.toArray();
        const QJsonArray right = b.toArray();
        if (left.size() != right.size())
            return false;
        for (qsizetype i = 0; i < left.size(); ++i) {
            if (!sameJson(left[i], right[i]))
                return false;
        }
        return true;
    }
    if (a.isObject()) {
        const QJsonObject left = a.toObject();
        const QJsonObject right = b.toObject();
        if (left.keys() != right.keys())
            return false;
        for (auto it = left.begin(); it != left.end(); ++it) {
            if (!sameJson(*it, right[it.key()]))
                return false;
        }
        return true;
    }
    return a == b;
}

std::optional<QJsonValue> valueAt(const QJsonValue &root, const QString &pointer)
{
    QJsonValue value = root;
    const QStringList parts = pointer.split(u'/').sliced(1);
    for (QString part : parts) {
        part.replace(u"~1"_s, u"/"_s).replace(u"~0"_s, u"~"_s);
        if (value.isObject()) {
            const QJsonObject object = value.toObject();
            if (!object.contains(part))
                return std::nullopt;
            value = object[part];
        } else if (value.isArray()) {
            bool isNumber = false;
            const QJsonArray array = value.toArray();
            qsizetype index = part.toInt(&isNumber);
            index = index < 0 ? index + array.size() : index;
            if (!isNumber || index < 0 || index >= array.size())
                return std::nullopt;
            value = array[index];
        } else {
            return std::nullopt;
        }
    }
    return value;
}

} // namespace skillbox
