#pragma once

#include "engine/base/json_text.h"
#include "engine/base/result.h"

#include <QJsonArray>
#include <QJsonValue>
#include <QList>
#include <QPair>
#include <QStringList>

#include <functional>
#include <optional>

namespace skillbox {

/// A skill's own test, one file of tests/*.json: an input and what should come of it. The format is
/// described in docs/skill-format.md.
struct TestCase {
    QString name;
    QString description;
    JsonText input;                          ///< empty: `{}`
    QList<QPair<QString, QByteArray>> files; ///< input files: name and content
    bool expectsSuccess = true;
    std::optional<QJsonValue> output;
    QList<QPair<QString, QJsonValue>> pointers; ///< JSON Pointer and the value there
    QStringList expectedFiles;
    QStringList errorContains;
    QStringList logsContain;
};

/// InvalidSkill naming what is wrong; unknown members are wrong, because a misspelt expectation
/// would expect nothing.
Result<TestCase> parseTestCase(QByteArrayView text);

/// What a run really gave.
struct TestObservation {
    bool succeeded = false;
    QString status; ///< for messages
    QString error;
    JsonText output; ///< empty: none
    QString logs;
    QStringList files; ///< paths
    /// The content of a file; only asked for those that are expected.
    std::function<QByteArray(const QString &)> fileContent;
};

/// Everything that is not as the case expects, a text each, some of several lines; empty: passed.
QStringList testProblems(const TestCase &testCase, const TestObservation &observed);

/// Equal as JSON values: members in any order, `1` and `1.0` alike.
bool sameJson(const QJsonValue &a, const QJsonValue &b);

/// The value at an RFC 6901 pointer; an index into an array may be negative, counting from its end.
std::optional<QJsonValue> valueAt(const QJsonValue &root, const QString &pointer);

} // namespace skillbox
