#include "engine/skill/manifest.h"

#include <QTest>

#include <algorithm>

using namespace Qt::StringLiterals;
using namespace skillbox;

namespace {

QByteArray skill(QByteArrayView fields, QByteArrayView body = "Body.\n")
{
    return "---\n" + fields.toByteArray() + "---\n" + body.toByteArray();
}

QByteArray named(QByteArrayView fields)
{
    return skill("name: a\ndescription: b\n" + fields.toByteArray());
}

QStringList ids(const QList<Finding> &findings)
{
    QStringList list;
    for (const Finding &finding : findings)
        list += finding.id;
    return list;
}

} // namespace

class TestManifest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsTheSpecificationsDialect();
    void readsTheRuntimesDialect();
    void readsScalarsOfAnyTypeAsText();
    void trimsInstructions();
    void readsCarriageReturns();
    void judgesNames_data();
    void judgesNames();
    void judgesVersions_data();
    void judgesVersions();
    void completesTheSpecificationsVersionExample();
    void countsDescriptionInCodePoints();
    void acceptsAgreeingSpellings();
    void refusesDisagreeingSpellings();
    void splitsAllowedTools();
    void keepsUnknownKeysByteForByte();
    void suggestsTheKeyThatWasMeant();
    void refusesEntrypointsOutsideTheSkill_data();
    void refusesEntrypointsOutsideTheSkill();
    void judgesImages_data();
    void judgesImages();
    void columnsCountCodePoints();
    void refusesWhatIsTooLong();
    void survivesDepth_data();
    void survivesDepth();
    void survivesManyValues();
    void requireManifestSaysWhatAndWhere();
};

void TestManifest::readsTheSpecificationsDialect()
{
    const auto manifest = requireManifest(skill("name: pdf-processing\n"
                                                "description: Extracts text from PDF files.\n"
                                                "license: Apache-2.0\n"
                                                "compatibility: Requires Python 3.11\n"
                                                "metadata:\n"
                                                "  author: example-org\n"
                                                "  version: \"2.1.0\"\n"
                                                "  skillbox.lang: python\n"
                                                "  skillbox.timeout: 60s\n"
                                                "  skillbox.memory: 256Mi\n"
                                                "  skillbox.cpu: 0.5\n"
                                                "  skillbox.image: python:3.12-slim\n"
                                                "  skillbox.entrypoint: scripts/main.py\n"
                                                "allowed-tools: Read\n"));
    QVERIFY2(manifest, qPrintable(manifest ? QString() : manifest.error().message));
    QCOMPARE(manifest->name, u"pdf-processing"_s);
    QCOMPARE(manifest->version, u"2.1.0"_s);
    QCOMPARE(manifest->description, u"Extracts text from PDF files."_s);
    QCOMPARE(manifest->license, u"Apache-2.0"_s);
    QCOMPARE(manifest->compatibility, u"Requires Python 3.11"_s);
    QVERIFY(manifest->language == Language::Python);
    QVERIFY(manifest->timeout == std::chrono::seconds(60));
    QVERIFY(manifest->memoryBytes == qint64(256) << 20);
    QVERIFY(manifest->milliCpu == 500);
    QCOMPARE(manifest->image, u"python:3.12-slim"_s);
    QCOMPARE(manifest->entrypoint, u"scripts/main.py"_s);
    QVERIFY(!manifest->mode);
    QCOMPARE(manifest->metadata.size(), 8);
    QCOMPARE(manifest->metadata[0], qMakePair(u"author"_s, u"example-org"_s));
    QCOMPARE(manifest->metadata[5], qMakePair(u"skillbox.cpu"_s, u"0.5"_s));
    QCOMPARE(manifest->allowedTools, QStringList{u"Read"_s});
    QVERIFY(manifest->unknownKeys.isEmpty());
}

void TestManifest::readsTheRuntimesDialect()
{
    const auto manifest = requireManifest(named("version: 1.2.3-rc.1+5\n"
                                                "lang: node\n"
                                                "image: node:20-slim\n"
                                                "timeout: 1m30s\n"
                                                "resources:\n"
                                                "  cpu: 2\n"
                                                "  memory: 1Gi\n"
                                                "mode: executable\n"
                                                "entrypoint: ./tools/run.js\n"));
    QVERIFY2(manifest, qPrintable(manifest ? QString() : manifest.error().message));
    QCOMPARE(manifest->version, u"1.2.3-rc.1+5"_s);
    QVERIFY(manifest->language == Language::Node);
    QCOMPARE(manifest->image, u"node:20-slim"_s);
    QVERIFY(manifest->timeout == std::chrono::seconds(90));
    QVERIFY(manifest->milliCpu == 2000);
    QVERIFY(manifest->memoryBytes == qint64(1) << 30);
    QVERIFY(manifest->mode == SkillMode::Executable);
    QCOMPARE(manifest->entrypoint, u"tools/run.js"_s);
}

void TestManifest::readsScalarsOfAnyTypeAsText()
{
    const auto parsed = parseManifest(skill("name: 123\n"
                                            "description: true\n"
                                            "license: 1e3\n"
                                            "compatibility: 2024-01-02\n"
                                            "metadata:\n"
                                            "  octal: 0o17\n"
                                            "  null-like: ~\n"
                                            "  list: [1, yes, {a: null}]\n"));
    QVERIFY(parsed.manifest);
    QVERIFY(!hasErrors(parsed.findings));
    QCOMPARE(parsed.manifest->name, u"123"_s);
    QCOMPARE(parsed.manifest->description, u"true"_s);
    QCOMPARE(parsed.manifest->version, u"1.0.0"_s);
    QCOMPARE(parsed.manifest->license, u"1e3"_s);
    QCOMPARE(parsed.manifest->compatibility, u"2024-01-02"_s);
    QCOMPARE(parsed.manifest->metadata[0].second, u"0o17"_s);
    QCOMPARE(parsed.manifest->metadata[1].second, QString());
    QCOMPARE(parsed.manifest->metadata[2].second, u"[\"1\",\"yes\",{\"a\":null}]"_s);
}

void TestManifest::trimsInstructions()
{
    const auto manifest = requireManifest(
        skill("name: a\ndescription: b\n", "\n\n  # Title\n---\nmore  \n\n"));
    QVERIFY(manifest);
    QCOMPARE(manifest->instructions, u"# Title\n---\nmore"_s);
}

void TestManifest::readsCarriageReturns()
{
    QByteArray text = skill("name: a\ndescription: |\n  one\n  two\nversion: 1.0.1\nx: y\n");
    text.replace("\n", "\r\n");
    const auto parsed = parseManifest(text);
    QVERIFY(parsed.manifest);
    QCOMPARE(ids(parsed.findings), QStringList{u"SBX-SPEC030"_s});
    QCOMPARE(parsed.manifest->name, u"a"_s);
    QCOMPARE(parsed.manifest->description, u"one\ntwo"_s);
    QCOMPARE(parsed.manifest->version, u"1.0.1"_s);
    QCOMPARE(parsed.manifest->unknownKeys[0].second, QByteArray("x: y\r\n"));
}

void TestManifest::judgesNames_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QStringList>("expected");

    const QStringList good;
    const QStringList legacy{u"SBX-SPEC024"_s};
    const QStringList bad{u"SBX-SPEC023"_s};
    QTest::newRow("spec") << u"word-counter-2"_s << good;
    QTest::newRow("one letter") << u"a"_s << good;
    QTest::newRow("64 characters") << QString(64, u'a') << good;
    QTest::newRow("65 characters") << QString(65, u'a') << legacy;
    QTest::newRow("128 characters") << QString(128, u'a') << legacy;
    QTest::newRow("129 characters") << QString(129, u'a') << bad;
    QTest::newRow("capitals, dots") << u"Data.Analysis_2"_s << legacy;
    QTest::newRow("double hyphen") << u"a--b"_s << legacy;
    QTest::newRow("hyphen at the end") << u"a-"_s << legacy;
    QTest::newRow("hyphen at the start") << u"'-a'"_s << bad;
    QTest::newRow("space") << u"a b"_s << bad;
    QTest::newRow("slash") << u"a/b"_s << bad;
    QTest::newRow("dots only") << u"'..'"_s << bad;
    QTest::newRow("letters beyond ASCII") << u"données"_s << bad;
    QTest::newRow("trailing line feed") << u"\"a\\nb\""_s << bad;
}

void TestManifest::judgesNames()
{
    QFETCH(QString, name);
    const auto parsed = parseManifest(skill("name: " + name.toUtf8() + "\ndescription: b\n"));
    QVERIFY(parsed.manifest);
    QTEST(ids(parsed.findings), "expected");
}

void TestManifest::judgesVersions_data()
{
    QTest::addColumn<QByteArray>("fields");
    QTest::addColumn<bool>("valid");

    QTest::newRow("plain") << QByteArray("version: 1.2.3\n") << true;
    QTest::newRow("pre-release") << QByteArray("version: 1.0.0-alpha.1\n") << true;
    QTest::newRow("number") << QByteArray("version: 1.0\n") << false;
    QTest::newRow("leading v") << QByteArray("version: v1.0.0\n") << false;
    QTest::newRow("metadata leading v") << QByteArray("metadata:\n  version: v1.0.0\n") << false;
    QTest::newRow("too long") << QByteArray("version: 1.0.0-" + QByteArray(130, 'a') + "\n")
                              << false;
    QTest::newRow("both agree") << QByteArray("version: 1.2.3\nmetadata:\n  version: \"1.2.3\"\n")
                                << true;
    QTest::newRow("both differ") << QByteArray("version: 1.2.3\nmetadata:\n  version: \"1.2.4\"\n")
                                 << false;
}

void TestManifest::judgesVersions()
{
    QFETCH(QByteArray, fields);
    const auto parsed = parseManifest(named(fields));
    QVERIFY(parsed.manifest);
    QTEST(!hasErrors(parsed.findings), "valid");
    for (const Finding &finding : parsed.findings)
        QVERIFY(!finding.hint.isEmpty());
}

void TestManifest::completesTheSpecificationsVersionExample()
{
    const auto parsed = parseManifest(named("metadata:\n  author: org\n  version: \"1.0\"\n"));
    QVERIFY(parsed.manifest);
    QCOMPARE(ids(parsed.findings), QStringList{u"SBX-META003"_s});
    QCOMPARE(parsed.findings[0].severity, Severity::Warning);
    QCOMPARE(parsed.manifest->version, u"1.0.0"_s);
    QCOMPARE(parsed.manifest->metadata[1].second, u"1.0"_s);
}

void TestManifest::countsDescriptionInCodePoints()
{
    const QByteArray smile("\xF0\x9F\x98\x80");
    const auto fits = parseManifest(skill("name: a\ndescription: " + smile.repeated(1024) + "\n"));
    QVERIFY(fits.findings.isEmpty());
    const auto over = parseManifest(skill("name: a\ndescription: " + smile.repeated(1025) + "\n"));
    QCOMPARE(ids(over.findings), QStringList{u"SBX-SPEC028"_s});
    QCOMPARE(over.findings[0].severity, Severity::Warning);
}

void TestManifest::acceptsAgreeingSpellings()
{
    const auto parsed = parseManifest(named("timeout: 60s\n"
                                            "metadata:\n"
                                            "  skillbox.timeout: 1m\n"
                                            "  skillbox:\n"
                                            "    timeout: 60000ms\n"));
    QVERIFY2(parsed.findings.isEmpty(), qPrintable(ids(parsed.findings).join(u' ')));
    QVERIFY(parsed.manifest->timeout == std::chrono::seconds(60));
}

void TestManifest::refusesDisagreeingSpellings()
{
    const auto parsed = parseManifest(named("resources:\n  memory: 256Mi\n"
                                            "metadata:\n  skillbox.memory: 1Gi\n"));
    QCOMPARE(ids(parsed.findings), QStringList{u"SBX-META011"_s});
    QCOMPARE(parsed.findings[0].severity, Severity::Error);
    QCOMPARE(parsed.findings[0].range.line, 7);
    QCOMPARE(parsed.findings[0].range.column, 20);
    QCOMPARE(parsed.findings[0].message,
             u"skillbox.memory is \"1Gi\", but resources.memory says otherwise"_s);
}

void TestManifest::splitsAllowedTools()
{
    const QStringList expected{u"Bash(git add:*)"_s, u"Read"_s, u"Grep"_s};
    QCOMPARE(requireManifest(named("allowed-tools: Bash(git add:*) Read, Grep\n"))->allowedTools,
             expected);
    QCOMPARE(requireManifest(named("allowed-tools:\n  - Bash(git add:*)\n  - Read\n  - Grep\n"))
                 ->allowedTools,
             expected);
}

void TestManifest::keepsUnknownKeysByteForByte()
{
    const QByteArray tags = "tags:\n  - one # first\n\n  - 'two'\n  # inside\n";
    const QByteArray icon = "\"icon\" : |+\n  text\n\n\n";
    const auto parsed = parseManifest(skill("name: a\n# about tags\n" + tags + "\n# about icons\n"
                                            + icon + "description: b\nlast: \xC3\xA9\n"));
    QVERIFY(parsed.manifest);
    QVERIFY(!hasErrors(parsed.findings));
    const QList<QPair<QString, QByteArray>> expected{{u"tags"_s, tags},
                                                     {u"icon"_s, icon},
                                                     {u"last"_s, "last: \xC3\xA9\n"}};
    QCOMPARE(parsed.manifest->unknownKeys, expected);
    QCOMPARE(ids(parsed.findings),
             (QStringList{u"SBX-SPEC030"_s, u"SBX-SPEC030"_s, u"SBX-SPEC030"_s}));
    QCOMPARE(parsed.findings[0].severity, Severity::Info);
    QCOMPARE(parsed.findings[0].range.line, 4);
}

void TestManifest::suggestsTheKeyThatWasMeant()
{
    const auto parsed = parseManifest(named("allowed_tools: Read\nlicence: MIT\ntags: x\n"));
    QCOMPARE(parsed.findings.size(), 3);
    QCOMPARE(parsed.findings[0].hint, u"Did you mean allowed-tools?"_s);
    QCOMPARE(parsed.findings[1].hint, u"Did you mean license?"_s);
    QCOMPARE(parsed.findings[2].hint, QString());
}

void TestManifest::refusesEntrypointsOutsideTheSkill_data()
{
    QTest::addColumn<QByteArray>("path");
    for (const char *path : {"/etc/passwd", "../x.py", "scripts/../../x.py", "scripts\\x.py",
                             "C:/x.py", "scripts/", ".", "'a\tb.py'", "\"a\\0b\""}) {
        QTest::newRow(path) << QByteArray(path);
    }
}

void TestManifest::refusesEntrypointsOutsideTheSkill()
{
    QFETCH(QByteArray, path);
    const auto parsed = parseManifest(named("entrypoint: " + path + "\n"));
    QVERIFY(parsed.manifest);
    QVERIFY(parsed.manifest->entrypoint.isEmpty());
    QVERIFY(ids(parsed.findings).contains(u"SBX-META010"_s));
}

void TestManifest::judgesImages_data()
{
    QTest::addColumn<QByteArray>("image");
    QTest::addColumn<bool>("valid");

    QTest::newRow("tag") << QByteArray("python:3.12-slim") << true;
    QTest::newRow("no tag") << QByteArray("bash") << true;
    QTest::newRow("host and port") << QByteArray("registry.example.org:5000/team/tool:1") << true;
    QTest::newRow("digest") << QByteArray("tool@sha256:" + QByteArray(64, 'a')) << true;
    QTest::newRow("capitals") << QByteArray("Python:3") << false;
    QTest::newRow("space") << QByteArray("python 3") << false;
    QTest::newRow("option") << QByteArray("--privileged") << false;
    QTest::newRow("short digest") << QByteArray("tool@sha256:abc") << false;
    QTest::newRow("address") << QByteArray("https://example.org/tool") << false;
}

void TestManifest::judgesImages()
{
    QFETCH(QByteArray, image);
    const auto parsed = parseManifest(named("image: " + image + "\n"));
    QTEST(!ids(parsed.findings).contains(u"SBX-META009"_s), "valid");
}

void TestManifest::columnsCountCodePoints()
{
    const auto parsed = parseManifest(skill(
        "name: a\ndescription: b\nmetadata: {\"\xC3\xA9\xF0\x9F\x98\x80\": 1, skillbox.cpu: x}\n"));
    QCOMPARE(ids(parsed.findings), QStringList{u"SBX-META007"_s});
    const TextRange range = parsed.findings[0].range;
    QCOMPARE(range.line, 4);
    QCOMPARE(range.column, 35);
    QCOMPARE(range.endLine, 4);
    QCOMPARE(range.endColumn, 36);
}

void TestManifest::refusesWhatIsTooLong()
{
    const QByteArray body = skill("name: a\ndescription: b\n", {});
    const auto fits = parseManifest(body + QByteArray(maxManifestBytes - body.size(), 'x'));
    QVERIFY(fits.manifest && fits.findings.isEmpty());
    const auto over = parseManifest(body + QByteArray(maxManifestBytes - body.size() + 1, 'x'));
    QVERIFY(!over.manifest);
    QCOMPARE(ids(over.findings), QStringList{u"SBX-SPEC003"_s});
    const auto header = parseManifest(named("x: " + QByteArray(70'000, 'x') + "\n"));
    QVERIFY(!header.manifest);
    QCOMPARE(ids(header.findings), QStringList{u"SBX-SPEC011"_s});
}

void TestManifest::survivesDepth_data()
{
    QTest::addColumn<QByteArray>("value");
    QTest::addColumn<QString>("id");

    const QString complex = u"SBX-SPEC011"_s;
    QTest::newRow("60,000 brackets") << QByteArray(60'000, '[') << complex;
    QTest::newRow("30,000 pairs of brackets")
        << QByteArray(30'000, '[') + QByteArray(30'000, ']') << complex;
    QTest::newRow("60,000 braces") << QByteArray(60'000, '{') << complex;
    QTest::newRow("a megabyte of brackets") << QByteArray(1'000'000, '[') << complex;
    QTest::newRow("20,000 dashes") << "\n  " + QByteArray("- ").repeated(20'000) << complex;
    QTest::newRow("20,000 question marks") << "\n  " + QByteArray("? ").repeated(20'000) << complex;
    QTest::newRow("alternating") << QByteArray("[{x: ").repeated(10'000) << complex;
    QTest::newRow("colons in brackets") << QByteArray("[:").repeated(20'000) << u"SBX-SPEC013"_s;
}

void TestManifest::survivesDepth()
{
    QFETCH(QByteArray, value);
    const auto parsed = parseManifest(named("x: " + value + "\n"));
    QVERIFY(!parsed.manifest);
    QCOMPARE(parsed.findings.size(), 1);
    QTEST(parsed.findings[0].id, "id");
}

void TestManifest::survivesManyValues()
{
    const auto fits = parseManifest(named("x: [" + QByteArray("a,").repeated(9'000) + "]\n"));
    QVERIFY(fits.manifest);
    const auto over = parseManifest(named("x: [" + QByteArray("a,").repeated(11'000) + "]\n"));
    QVERIFY(!over.manifest);
    QCOMPARE(ids(over.findings), QStringList{u"SBX-SPEC011"_s});
}

void TestManifest::requireManifestSaysWhatAndWhere()
{
    const auto manifest = requireManifest(skill("name: Bad\ndescription: b\ntimeout: soon\n"));
    QVERIFY(!manifest);
    QCOMPARE(manifest.error().code, ErrorCode::InvalidSkill);
    QCOMPARE(manifest.error().message,
             u"SKILL.md:4:10: error: timeout: \"soon\" is not a duration; write it like 60s, "
             "1m30s, 1.5s or 100ms [SBX-META005]"_s);
}

QTEST_GUILESS_MAIN(TestManifest)
#include "test_manifest.moc"
