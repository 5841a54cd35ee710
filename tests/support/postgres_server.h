#pragma once

#include <QDir>
#include <QProcess>
#include <QTemporaryDir>

#include <optional>
#include <sys/stat.h>

namespace skillbox::test {

/// A real Postgres server for one test program; see postgres.sh. It ends with the object.
class PostgresServer
{
public:
    enum class Start { Running, NotInstalled, Failed };

    Start start()
    {
        // A socket's path has room for 107 characters, and the server is another user than root.
        if (!m_directory.isValid()
            || ::chmod(m_directory.path().toLocal8Bit().constData(), 0755) != 0)
            return Start::Failed;
        const int status = run(QStringLiteral("start"));
        m_runs = status == 0;
        return status == 0 ? Start::Running : status == 77 ? Start::NotInstalled : Start::Failed;
    }
    ~PostgresServer()
    {
        if (m_runs)
            run(QStringLiteral("stop"));
    }
    bool restart() { return run(QStringLiteral("restart")) == 0; }
    bool stop()
    {
        m_runs = false;
        return run(QStringLiteral("stop")) == 0;
    }
    /// What it said when it could not start.
    const QString &complaint() const { return m_complaint; }

    QString dsn() const
    {
        return QStringLiteral("postgres://skillbox@/postgres?host=") + directory();
    }
    /// Runs SQL in it; false: it failed.
    bool sql(const QString &statement) const
    {
        return QProcess::execute(QStringLiteral("psql"),
                                 {QStringLiteral("-q"), QStringLiteral("-X"), QStringLiteral("-h"),
                                  directory(), QStringLiteral("-U"), QStringLiteral("skillbox"),
                                  QStringLiteral("-c"),
                                  QStringLiteral("SET client_min_messages = error"),
                                  QStringLiteral("-c"), statement, QStringLiteral("postgres")})
            == 0;
    }
    /// Takes everything out of the database `postgres`: sooner done than making one.
    bool empty() const
    {
        return sql(QStringLiteral("DROP SCHEMA public CASCADE; CREATE SCHEMA public"));
    }

private:
    QString directory() const { return m_directory.filePath(QStringLiteral("server")); }
    int run(const QString &action)
    {
        QProcess script;
        // The server keeps what it inherits, so nothing of it may be a pipe that is waited for.
        script.setStandardInputFile(QProcess::nullDevice());
        script.setStandardOutputFile(QProcess::nullDevice());
        script.setStandardErrorFile(m_directory.filePath(QStringLiteral("complaint")));
        script.start(QStringLiteral(SKILLBOX_POSTGRES), {action, directory()});
        const bool ended = script.waitForFinished(120'000);
        QFile complaint(m_directory.filePath(QStringLiteral("complaint")));
        if (complaint.open(QIODevice::ReadOnly))
            m_complaint = QString::fromLocal8Bit(complaint.readAll());
        return ended && script.exitStatus() == QProcess::NormalExit ? script.exitCode() : 1;
    }

    QTemporaryDir m_directory{QStringLiteral("/tmp/skillbox-pg-XXXXXX")};
    QString m_complaint;
    bool m_runs = false;
};

} // namespace skillbox::test
