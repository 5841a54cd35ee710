#include "engine/skill_trial.h"

#include "engine/execution/input_schema.h"
#include "engine/skill/manifest.h"
#include "engine/skill/test_case.h"

#include <QBuffer>
#include <QDir>
#include <QFile>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qint64 maxCaseBytes = 16 << 20;
constexpr qint64 maxArtifactBytes = 16 << 20;

Result<void> addFiles(Engine &engine, const TestCase &testCase, ExecutionRequest &request)
{
    for (const auto &[name, content] : testCase.files) {
        QBuffer buffer;
        buffer.setData(content);
        buffer.open(QIODevice::ReadOnly);
        const auto stored = engine.files().create(request.tenant, {name, {}, {}}, buffer,
                                                  request.origin);
        if (!stored)
            return fail(stored.error());
        request.inputFiles += stored->id;
    }
    return {};
}

/// What the output of a successful run breaks of schemas/output.json.
QStringList outputProblems(const QString &directory, const ExecutionRecord &record)
{
    const QString name = u"schemas/output.json"_s;
    QFile file(directory + u'/' + name);
    if (record.status != ExecutionStatus::Success || !file.exists())
        return {};
    if (!file.open(QIODevice::ReadOnly))
        return {u"%1 cannot be read: %2"_s.arg(name, file.errorString())};
    const auto schema = InputSchema::parse(file.read(InputSchema::maxBytes + 1));
    if (!schema)
        return {u"%1 cannot be used: %2"_s.arg(name, schema.error().message)};
    if (record.output.isEmpty())
        return {u"there is no output, but %1 describes one"_s.arg(name)};
    const auto matches = schema->check(record.output);
    if (matches)
        return {};
    QStringList problems;
    for (const QJsonValue &item : matches.error().items) {
        const QString pointer = item[u"pointer"].toString();
        problems += u"the output does not match %1: %2 %3"_s.arg(
            name, pointer.isEmpty() ? u"it"_s : pointer, item[u"message"].toString());
    }
    if (problems.isEmpty())
        problems += u"the output is too large or too deep to be checked against %1"_s.arg(name);
    return problems;
}

} // namespace

Result<CaseTrial> tryCase(Engine &engine, const QString &directory, const QString &casePath,
                          const Origin &origin, Observation observation)
{
    QFile file(casePath);
    if (!file.open(QIODevice::ReadOnly))
        return fail(ErrorCode::Io, u"the test case cannot be read: "_s + file.errorString());
    const auto testCase = parseTestCase(file.read(maxCaseBytes));
    if (!testCase)
        return fail(testCase.error());
    ExecutionRequest request;
    request.tenant = localTenant();
    request.origin = origin;
    request.directory = directory;
    request.input = testCase->input;
    request.observation = observation;
    if (auto added = addFiles(engine, *testCase, request); !added)
        return fail(added.error());

    TestObservation observed;
    const auto submitted = engine.executions().submit(request);
    if (!submitted && submitted.error().code == ErrorCode::InvalidInput) {
        // The skill's own schema keeps such input away from it; to a caller that is a failure.
        observed.status = u"refused"_s;
        observed.error = submitted.error().message;
        return CaseTrial{testProblems(*testCase, observed), {}};
    }
    if (!submitted)
        return fail(submitted.error());
    const auto record = engine.executions().wait(request.tenant, *submitted);
    if (!record)
        return fail(record.error());
    observed.succeeded = record->status == ExecutionStatus::Success;
    observed.status = executionStatusName(record->status);
    observed.error = record->error;
    observed.output = record->output;
    observed.logs = record->logs;
    for (const ArtifactRecord &artifact : record->artifacts)
        observed.files += artifact.path;
    observed.fileContent = [&](const QString &name) {
        for (const ArtifactRecord &artifact : record->artifacts) {
            if (artifact.path != name)
                continue;
            const auto content = engine.executions().openArtifact(artifact);
            return content ? (*content)->read(maxArtifactBytes) : QByteArray();
        }
        return QByteArray();
    };
    return CaseTrial{testProblems(*testCase, observed) + outputProblems(directory, *record),
                     record->sandbox.value(u"refused").toArray()};
}

bool trialNeedsOwnStore(const QString &directory)
{
    QFile file(directory + u"/SKILL.md"_s);
    if (!file.open(QIODevice::ReadOnly))
        return false;
    const ParsedManifest parsed = parseManifest(file.read(maxManifestBytes + 1));
    return parsed.manifest && !parsed.manifest->image.isEmpty();
}

QStringList testCaseFiles(const QString &directory)
{
    return QDir(directory + u"/tests"_s).entryList({u"*.json"_s}, QDir::Files, QDir::Name);
}

} // namespace skillbox
