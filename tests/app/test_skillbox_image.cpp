// skillbox image …, and skills that run on what it imported.

#include "tests/app/program.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace Qt::StringLiterals;

namespace skillbox::test {

class TestSkillboxImage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_sandbox = std::make_unique<Sandbox>();
        m_sandbox->setVariable(u"SKILLBOX_IMAGE_ALLOWLIST"_s, u"tools:1,other:1,bash:5"_s);
    }

    void runsASkillOnAnImportedImage()
    {
        makeImage(u"image.tar"_s);
        m_sandbox->writeSkill(u"marker"_s, u"main.sh"_s,
                              "cat /etc/marker-of-the-image; [ ! -e /usr/bin/python3 ]",
                              "image: tools:1");
        const QStringList runIt{u"run"_s, u"./marker"_s, u"-o"_s, u"json"_s};
        const Finished early = m_sandbox->run(runIt);
        QCOMPARE(early.code, 2);
        QCOMPARE(early.json()[u"reason"_s].toString(), u"image_not_available"_s);
        QCOMPARE(early.json()[u"error"_s].toString(),
                 u"image \"tools:1\" has not been imported: "
                 "skillbox image import FILE --name tools:1"_s);

        const Finished imported = m_sandbox->run({u"image"_s, u"import"_s, u"image.tar"_s});
        QCOMPARE(imported.err, QString());
        QCOMPARE(imported.code, 0);
        QVERIFY2(imported.out.startsWith(u"✔ Imported tools:1  "_s), qPrintable(imported.out));
        const Finished ran = m_sandbox->run(runIt);
        QVERIFY2(ran.code == 0, qPrintable(ran.all()));
        QVERIFY2(ran.json()[u"logs"_s].toString().contains(u"of the image\n"_s),
                 qPrintable(ran.out));
        const QJsonValue sandbox = ran.json()[u"sandbox"_s];
        QCOMPARE(sandbox[u"image"_s][u"name"_s].toString(), u"tools:1"_s);
        QCOMPARE(sandbox[u"interpreter"_s].toString(), u"/usr/bin/bash"_s);
    }

    void anImportedDefaultImageReplacesTheHostsInterpreter()
    {
        m_sandbox->writeSkill(u"plain"_s, u"main.sh"_s, "cat /etc/marker-of-the-image");
        const QStringList runIt{u"run"_s, u"./plain"_s, u"-o"_s, u"json"_s};
        const Finished onHost = m_sandbox->run(runIt);
        QCOMPARE(onHost.code, 2);
        QVERIFY(onHost.json()[u"sandbox"_s][u"image"_s].isUndefined());
        makeImage(u"image.tar"_s);
        m_sandbox->run({u"image"_s, u"import"_s, u"image.tar"_s, u"--name"_s, u"bash:5"_s});
        const Finished onImage = m_sandbox->run(runIt);
        QVERIFY2(onImage.code == 0, qPrintable(onImage.all()));
        QCOMPARE(onImage.json()[u"sandbox"_s][u"image"_s][u"name"_s].toString(), u"bash:5"_s);
        m_sandbox->run({u"image"_s, u"remove"_s, u"bash:5"_s});
        QCOMPARE(m_sandbox->run(runIt).code, 2);
    }

    void listsAndRemoves()
    {
        const Finished none = m_sandbox->run({u"image"_s, u"list"_s});
        QCOMPARE(none.code, 0);
        QVERIFY(none.err.contains(u"no image is imported"_s));
        QCOMPARE(m_sandbox->run({u"image"_s, u"list"_s, u"-o"_s, u"json"_s}).json().toArray(),
                 QJsonArray());
        makeImage(u"image.tar"_s);
        const QJsonValue imported =
            m_sandbox->run({u"image"_s, u"import"_s, u"image.tar"_s, u"-o"_s, u"json"_s}).json();
        QCOMPARE(imported[u"name"_s].toString(), u"tools:1"_s);
        QCOMPARE(imported[u"unpacked"_s].toBool(), true);
        m_sandbox->run({u"image"_s, u"import"_s, u"image.tar"_s, u"--name"_s, u"other:1"_s});

        const QJsonArray listed =
            m_sandbox->run({u"image"_s, u"list"_s, u"-o"_s, u"json"_s}).json().toArray();
        QCOMPARE(listed.size(), 2);
        QCOMPARE(listed[0][u"name"_s].toString(), u"other:1"_s);
        QCOMPARE(listed[1][u"name"_s].toString(), u"tools:1"_s);
        QCOMPARE(listed[1][u"digest"_s], imported[u"digest"_s]);
        QVERIFY(listed[1][u"size_bytes"_s].toInteger() > 1'000'000);
        const Finished table = m_sandbox->run({u"image"_s, u"list"_s});
        QVERIFY2(table.out.startsWith(u"NAME     DIGEST "_s), qPrintable(table.out));

        const Finished misspelt = m_sandbox->run({u"image"_s, u"remove"_s, u"tool:1"_s});
        QCOMPARE(misspelt.code, 1);
        QCOMPARE(misspelt.err,
                 u"Error: there is no image \"tool:1\"\n       did you mean tools:1?\n"_s);
        const Finished removed = m_sandbox->run({u"image"_s, u"remove"_s, u"tools:1"_s});
        QCOMPARE(removed.code, 0);
        QCOMPARE(removed.out, u"✔ Removed tools:1\n"_s);
        QCOMPARE(
            m_sandbox->run({u"image"_s, u"list"_s, u"-o"_s, u"json"_s}).json().toArray().size(), 1);

        // The audit has what was done, and nothing of what was refused.
        const Finished audit = m_sandbox->run({u"audit"_s, u"export"_s});
        QCOMPARE(audit.code, 0);
        QStringList changes;
        for (const QString &line : audit.out.split(u'\n', Qt::SkipEmptyParts)) {
            const QJsonObject record = QJsonDocument::fromJson(line.toUtf8()).object();
            changes += record[u"action"_s].toString() + u' ' + record[u"target"_s].toString();
            QVERIFY2(!record[u"actor"_s].toString().isEmpty(), qPrintable(line));
        }
        QCOMPARE(changes, QStringList({u"image.import tools:1"_s, u"image.import other:1"_s,
                                       u"image.remove tools:1"_s}));
    }

    void saysWhatIsWrong()
    {
        const Finished missing = m_sandbox->run({u"image"_s, u"import"_s, u"nothing.tar"_s});
        QCOMPARE(missing.code, 1);
        QCOMPARE(missing.err, u"Error: there is no file or folder 'nothing.tar'\n"_s);
        m_sandbox->write(u"text.tar"_s, "no tar");
        const Finished text = m_sandbox->run({u"image"_s, u"import"_s, u"text.tar"_s});
        QCOMPARE(text.code, 1);
        QVERIFY2(text.err.contains(u"text.tar\" cannot be imported: it is not a tar archive"_s),
                 qPrintable(text.err));
        // Nobody allowed it: it is imported, and that is said.
        makeImage(u"image.tar"_s);
        const Finished note = m_sandbox->run(
            {u"image"_s, u"import"_s, u"image.tar"_s, u"--name"_s, u"unlisted:1"_s});
        QCOMPARE(note.code, 0);
        QVERIFY2(note.err.contains(u"Note: skills may not use \"unlisted:1\" yet"_s),
                 qPrintable(note.err));
    }

private:
    /// A docker-save archive of tools:1 with this machine's bash.
    void makeImage(const QString &file) const
    {
        const QJsonObject marker{{u"path"_s, u"etc/marker-of-the-image"_s},
                                 {u"text"_s, u"of the image\n"_s}};
        const QJsonObject layer{{u"bash"_s, true}, {u"entries"_s, QJsonArray{marker}}};
        const QJsonObject spec{{u"names"_s, QJsonArray{u"tools:1"_s}},
                               {u"path"_s, u"/usr/bin"_s},
                               {u"layers"_s, QJsonArray{layer}}};
        QProcess python;
        python.start(u"python3"_s,
                     {QStringLiteral(SKILLBOX_MAKE_IMAGE), u"docker"_s, m_sandbox->path(file)});
        python.write(QJsonDocument(spec).toJson());
        python.closeWriteChannel();
        QVERIFY(python.waitForFinished(60'000));
        QCOMPARE(python.exitCode(), 0);
    }

    std::unique_ptr<Sandbox> m_sandbox;
};

} // namespace skillbox::test

QTEST_GUILESS_MAIN(skillbox::test::TestSkillboxImage)
#include "test_skillbox_image.moc"
