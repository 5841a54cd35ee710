#include "tests/app/program.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QRegularExpression>

using namespace Qt::StringLiterals;

namespace skillbox::test {
namespace {

constexpr int patienceMs = 60'000;

/// What the sandbox could apply differs from machine to machine.
QString withoutSandboxReport(QString text)
{
    const QString start = u"\"sandbox\":{"_s;
    for (qsizetype at = text.indexOf(start); at >= 0; at = text.indexOf(start, at + 1)) {
        qsizetype end = at + start.size();
        for (int depth = 1; depth > 0 && end < text.size(); ++end)
            depth += text[end] == u'{' ? 1 : text[end] == u'}' ? -1 : 0;
        text.replace(at, end - at, u"\"sandbox\":<sandbox>"_s);
    }
    return text;
}

} // namespace

QJsonValue Finished::json() const
{
    // QJsonDocument takes no bare scalars in Qt 6.4.
    return QJsonDocument::fromJson('[' + out.toUtf8() + ']').array().at(0);
}

Sandbox::Sandbox()
{
    if (!m_dir.isValid() || !QDir().mkpath(path({})))
        qFatal("cannot make the test's folder");
    const QProcessEnvironment ours = QProcessEnvironment::systemEnvironment();
    for (const QString &name : {u"PATH"_s, u"HOME"_s, u"LD_LIBRARY_PATH"_s, u"ASAN_OPTIONS"_s,
                                u"UBSAN_OPTIONS"_s, u"TSAN_OPTIONS"_s}) {
        if (ours.contains(name))
            m_environment.insert(name, ours.value(name));
    }
    m_environment.insert(u"SKILLBOX_DATA_DIR"_s, dataDirectory());
    m_environment.insert(u"TZ"_s, u"UTC"_s);
}

Finished Sandbox::run(const QStringList &arguments, const QByteArray &input) const
{
    const auto process = start(arguments);
    process->write(input);
    process->closeWriteChannel();
    return finish(*process);
}

std::unique_ptr<QProcess> Sandbox::start(const QStringList &arguments) const
{
    auto process = std::make_unique<QProcess>();
    process->setProcessEnvironment(m_environment);
    process->setWorkingDirectory(path({}));
    process->start(QStringLiteral(SKILLBOX_PROGRAM), arguments);
    if (!process->waitForStarted())
        qFatal("cannot start %s", SKILLBOX_PROGRAM);
    return process;
}

Finished Sandbox::finish(QProcess &process)
{
    Finished finished;
    if (!process.waitForFinished(patienceMs)) {
        process.kill();
        process.waitForFinished();
    } else if (process.exitStatus() == QProcess::NormalExit) {
        finished.code = process.exitCode();
    }
    finished.out = QString::fromUtf8(process.readAllStandardOutput());
    finished.err = QString::fromUtf8(process.readAllStandardError());
    return finished;
}

void Sandbox::write(const QString &name, const QByteArray &bytes) const
{
    QFile file(path(name));
    if (!QDir().mkpath(QFileInfo(file).path()) || !file.open(QIODevice::WriteOnly)
        || file.write(bytes) != bytes.size())
        qFatal("cannot write %s", qPrintable(file.fileName()));
}

QByteArray Sandbox::read(const QString &name) const
{
    QFile file(path(name));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void Sandbox::writeSkill(const QString &name, const QString &script, const QByteArray &code,
                         const QByteArray &frontMatter) const
{
    const QByteArray front = frontMatter.isEmpty() ? QByteArray() : frontMatter + '\n';
    write(name + u"/SKILL.md"_s,
          "---\nname: " + name.toUtf8()
              + "\ndescription: A skill of the tests, which does one thing.\n" + front
              + "---\n\nOne thing.\n");
    write(name + u'/' + script, code);
}

QString normalised(QString text)
{
    static const QList<std::pair<QRegularExpression, QString>> rules{
        {QRegularExpression(u"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"_s),
         u"<id>"_s},
        {QRegularExpression(u"^[0-9a-f]{8}(?=  )"_s, QRegularExpression::MultilineOption),
         u"<id>"_s},
        {QRegularExpression(u"(?<=skillbox exec )(\\w+) [0-9a-f]{8}\\b"_s), u"\\1 <id>"_s},
        {QRegularExpression(u"sha256:[0-9a-f]{64}"_s), u"<digest>"_s},
        {QRegularExpression(u"\"duration_ms\":\\d+"_s), u"\"duration_ms\":<ms>"_s},
        {QRegularExpression(u"\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z"_s), u"<time>"_s},
        {QRegularExpression(u"\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d"_s), u"<time>"_s},
        {QRegularExpression(u"(just now|\\d+ seconds? ago)"_s), u"<ago>"_s},
        {QRegularExpression(u"(\\d+ ms|\\d+\\.\\d\\d s)\\b"_s), u"<duration>"_s},
        {QRegularExpression(u"\\bby \\S+"_s), u"by <user>"_s},
        {QRegularExpression(u"\"published_by\":\"[^\"]*\""_s), u"\"published_by\":\"<user>\""_s},
        {QRegularExpression(u"^(  Sandbox \\w+ +).*$"_s, QRegularExpression::MultilineOption),
         u"\\1<sandbox>"_s},
        // Deflate differs between versions of zlib.
        {QRegularExpression(u"\"archive_bytes\":\\d+"_s), u"\"archive_bytes\":<bytes>"_s},
        {QRegularExpression(u"(Archive +)\\d+ B"_s), u"\\1<bytes>"_s},
        // The widths of what was replaced differ; TestTable looks at alignment.
        {QRegularExpression(u"(?<=\\S) {2,}"_s), u"  "_s},
    };
    text = withoutSandboxReport(text);
    for (const auto &[pattern, name] : rules)
        text.replace(pattern, name);
    return text;
}

QString differenceFromGolden(const QString &name, const QString &text)
{
    QFile file(QStringLiteral(SKILLBOX_GOLDEN) + u'/' + name);
    if (qEnvironmentVariableIsSet("SKILLBOX_UPDATE_GOLDEN")) {
        if (!file.open(QIODevice::WriteOnly) || file.write(text.toUtf8()) < 0)
            return u"cannot write "_s + file.fileName();
        return {};
    }
    if (!file.open(QIODevice::ReadOnly))
        return u"there is no "_s + file.fileName();
    const QString expected = QString::fromUtf8(file.readAll());
    if (expected == text)
        return {};
    return u"differs from %1\n--- expected\n%2\n--- got\n%3"_s.arg(file.fileName(), expected, text);
}

} // namespace skillbox::test
