#pragma once

#include <QFile>
#include <QProcess>
#include <QTemporaryDir>

namespace skillbox::test {

/// A real container engine for one test program; see docker.sh and podman.sh. It ends with the
/// object. Its image is localhost/skillbox-test:1.
class ContainerEngine
{
public:
    enum class Start { Running, NotInstalled, Failed };

    explicit ContainerEngine(QString script) : m_script(std::move(script)) { }
    ~ContainerEngine()
    {
        if (m_runs)
            run(QStringLiteral("stop"));
    }

    Start start() { return ask(QStringLiteral("start"), m_address); }
    /// With docker.sh: behind a proxy too.
    Start startProxy() { return ask(QStringLiteral("proxy"), m_proxyAddress); }

    const QString &address() const { return m_address; }
    const QString &proxyAddress() const { return m_proxyAddress; }
    /// What it said when it could not start.
    const QString &complaint() const { return m_complaint; }
    bool runs() const { return m_runs; }

private:
    Start ask(const QString &action, QString &address)
    {
        const int status = run(action);
        m_runs = m_runs || status == 0;
        if (status == 0)
            address = m_said;
        return status == 0 ? Start::Running : status == 77 ? Start::NotInstalled : Start::Failed;
    }
    int run(const QString &action)
    {
        // The daemons keep what they inherit, so nothing of it may be a pipe that is waited for.
        QProcess script;
        const QString said = m_directory.filePath(QStringLiteral("said"));
        const QString complaint = m_directory.filePath(QStringLiteral("complaint"));
        script.setStandardInputFile(QProcess::nullDevice());
        script.setStandardOutputFile(said);
        script.setStandardErrorFile(complaint);
        script.start(m_script, {action, m_directory.filePath(QStringLiteral("engine"))});
        const bool ended = script.waitForFinished(300'000);
        const auto textOf = [](const QString &path) {
            QFile file(path);
            return file.open(QIODevice::ReadOnly) ? QString::fromLocal8Bit(file.readAll()).trimmed()
                                                  : QString();
        };
        m_said = textOf(said);
        m_complaint = textOf(complaint);
        return ended && script.exitStatus() == QProcess::NormalExit ? script.exitCode() : 1;
    }

    const QString m_script;
    QTemporaryDir m_directory{QStringLiteral("/tmp/skillbox-engine-XXXXXX")};
    QString m_address;
    QString m_proxyAddress;
    QString m_said;
    QString m_complaint;
    bool m_runs = false;
};

} // namespace skillbox::test
