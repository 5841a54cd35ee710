#include "app/cli/input_argument.h"

#include <QTemporaryDir>
#include <QtTest>

using namespace Qt::StringLiterals;

namespace skillbox {

class TestInputArgument : public QObject
{
    Q_OBJECT

    QTemporaryDir m_dir;

    QString write(const QString &name, const QByteArray &bytes)
    {
        QFile file(m_dir.filePath(name));
        if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
            qFatal("cannot write the test's file");
        return file.fileName();
    }

private Q_SLOTS:
    void keepsTheTextOfNumbers()
    {
        const auto input = readInputArgument(u"{ \"n\": 1.0, \"big\": 12345678901234567890 }"_s);
        QVERIFY(input);
        QCOMPARE(input->bytes(), QByteArray("{\"n\":1.0,\"big\":12345678901234567890}"));
    }

    void readsAFile()
    {
        const auto input = readInputArgument(u'@' + write(u"in.json"_s, "[1, 2]\n"));
        QVERIFY(input);
        QCOMPARE(input->bytes(), QByteArray("[1,2]"));
    }

    void showsThePlaceOfAMistake()
    {
        const auto input = readInputArgument(u"{\"text\": hello}"_s);
        QVERIFY(!input);
        QCOMPARE(input.error().code, ErrorCode::BadRequest);
        QVERIFY2(input.error().message.startsWith(
                     u"--input is not valid JSON at line 1, column "_s),
                 qPrintable(input.error().message));
        QVERIFY(input.error().message.contains(u"\n  {\"text\": hello}\n"_s));
        const QString caretLine = input.error().message.section(u'\n', 2);
        QVERIFY2(caretLine.startsWith(u"           "_s) && caretLine.endsWith(u'^'),
                 qPrintable(caretLine));
    }

    void namesTheFileAndTheLineOfAMistake()
    {
        const QString path = write(u"bad.json"_s, "{\n  \"a\": 1,\n}\n");
        const auto input = readInputArgument(u'@' + path);
        QVERIFY(!input);
        QVERIFY(input.error().message.contains(path));
        QVERIFY2(input.error().message.contains(u"line 3"_s), qPrintable(input.error().message));
    }

    void survivesMistakesAnywhere_data()
    {
        QTest::addColumn<QString>("text");
        QTest::newRow("empty") << QString();
        QTest::newRow("spaces") << u"   "_s;
        QTest::newRow("open string") << u"\"abc"_s;
        QTest::newRow("long line") << u"["_s + u"1,"_s.repeated(500) + u'x';
        QTest::newRow("wide characters before it") << u"{\"日本\": x}"_s;
        QTest::newRow("deep") << u"["_s.repeated(5000);
        QTest::newRow("two values") << u"1 2"_s;
    }
    void survivesMistakesAnywhere()
    {
        QFETCH(QString, text);
        const auto input = readInputArgument(text);
        QVERIFY(!input);
        QVERIFY(input.error().message.startsWith(u"--input "_s));
        for (const QString &line : input.error().message.split(u'\n'))
            QVERIFY2(line.size() < 160, qPrintable(line));
    }

    void namesAMissingFile()
    {
        const auto input = readInputArgument(u"@"_s + m_dir.filePath(u"none.json"_s));
        QVERIFY(!input);
        QCOMPARE(input.error().message,
                 u"there is no input file '%1'"_s.arg(m_dir.filePath(u"none.json"_s)));
    }

    void refusesAFolder()
    {
        const auto input = readInputArgument(u"@"_s + m_dir.path());
        QVERIFY(!input);
        QVERIFY(input.error().message.contains(u"is a folder"_s));
    }

    void remindsOfTheAtSign()
    {
        const QString path = write(u"data.json"_s, "{}");
        const auto input = readInputArgument(path);
        QVERIFY(!input);
        QVERIFY(input.error().message.contains(u"write --input @"_s + path));
    }
};

} // namespace skillbox

QTEST_GUILESS_MAIN(skillbox::TestInputArgument)
#include "test_input_argument.moc"
