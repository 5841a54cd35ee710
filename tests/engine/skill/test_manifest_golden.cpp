#include "engine/skill/manifest_reader.h"
#include "engine/skill/path_rules.h"
#include "engine/skill/quantity.h"

#include <QDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace skillbox;

namespace {

/// Everything that was read, a line each, and what both profiles say about it.
QString described(QByteArrayView text)
{
    QStringList lines;
    const ManifestReading reading = readManifest(text);
    const auto add = [&lines](const QString &name, const QString &value) {
        if (!value.isEmpty())
            lines += name + u": "_s + quotedName(value.toUtf8());
    };
    if (const auto &manifest = reading.manifest) {
        add(u"name"_s, manifest->name);
        add(u"version"_s, manifest->version);
        add(u"description"_s, manifest->description);
        if (manifest->language)
            add(u"lang"_s, languageName(*manifest->language));
        add(u"image"_s, manifest->image);
        if (manifest->timeout)
            add(u"timeout"_s, formatDuration(*manifest->timeout));
        if (manifest->milliCpu)
            add(u"cpu"_s, formatMilliCpu(*manifest->milliCpu));
        if (manifest->memoryBytes)
            add(u"memory"_s, formatBytes(*manifest->memoryBytes));
        if (manifest->mode)
            add(u"mode"_s, skillModeName(*manifest->mode));
        add(u"entrypoint"_s, manifest->entrypoint);
        add(u"license"_s, manifest->license);
        add(u"compatibility"_s, manifest->compatibility);
        for (const auto &[key, value] : manifest->metadata)
            lines += u"metadata "_s + key + u": "_s + quotedName(value.toUtf8());
        for (const QString &tool : manifest->allowedTools)
            add(u"allowed tool"_s, tool);
        for (const auto &[key, bytes] : manifest->unknownKeys)
            add(u"unknown "_s + key, QString::fromUtf8(bytes));
        add(u"instructions"_s, manifest->instructions);
    } else {
        lines += u"no manifest"_s;
    }
    for (const auto &[name, profile] : {std::pair(u"skillbox"_s, LintProfile::Skillbox),
                                        std::pair(u"agentskills"_s, LintProfile::AgentSkills)}) {
        lines += u"--- "_s + name;
        for (const Finding &finding : findingsOf(reading.hits, profile)) {
            lines += toText(finding)
                + (finding.hint.isEmpty() ? QString() : u"\n    "_s + finding.hint);
        }
    }
    return lines.join(u'\n') + u'\n';
}

} // namespace

/// Compares what is read from each tests/golden/manifest/*.md with the .txt beside it. With
/// UPDATE_GOLDEN=1 in the environment the texts are written anew, for a person to review.
class TestManifestGolden : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsAsExpected_data();
    void readsAsExpected();
};

void TestManifestGolden::readsAsExpected_data()
{
    QTest::addColumn<QString>("path");
    const QDir folder(QFINDTESTDATA("../../golden/manifest"));
    const QStringList files = folder.entryList({u"*.md"_s}, QDir::Files, QDir::Name);
    QVERIFY(files.size() >= 30);
    for (const QString &file : files)
        QTest::newRow(qPrintable(file)) << folder.filePath(file);
}

void TestManifestGolden::readsAsExpected()
{
    QFETCH(QString, path);
    QFile input(path);
    QVERIFY(input.open(QIODevice::ReadOnly));
    const QByteArray actual = described(input.readAll()).toUtf8();

    QFile golden(path.chopped(2) + u"txt"_s);
    if (qEnvironmentVariableIsSet("UPDATE_GOLDEN")) {
        QVERIFY(golden.open(QIODevice::WriteOnly));
        QCOMPARE(golden.write(actual), actual.size());
        return;
    }
    QVERIFY2(golden.open(QIODevice::ReadOnly), qPrintable(golden.fileName()));
    const QByteArrayList expectedLines = golden.readAll().split('\n');
    const QByteArrayList actualLines = actual.split('\n');
    for (qsizetype i = 0; i < std::min(expectedLines.size(), actualLines.size()); ++i)
        QCOMPARE(actualLines[i], expectedLines[i]);
    QCOMPARE(actualLines.size(), expectedLines.size());
}

QTEST_GUILESS_MAIN(TestManifestGolden)
#include "test_manifest_golden.moc"
