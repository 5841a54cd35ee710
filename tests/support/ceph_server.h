#pragma once

#include "engine/storage/s3_config.h"

#include <QProcess>
#include <QTemporaryDir>

namespace skillbox::test {

/// A real S3 store for one test program; see ceph.sh. It ends with the object.
class CephServer
{
public:
    enum class Start { Running, NotInstalled, Failed };

    Start start()
    {
        const int status = run(QStringLiteral("start"));
        m_runs = status == 0;
        return status == 0 ? Start::Running : status == 77 ? Start::NotInstalled : Start::Failed;
    }
    ~CephServer()
    {
        if (m_runs)
            run(QStringLiteral("stop"));
    }
    /// What it said when it could not start.
    const QString &complaint() const { return m_complaint; }

    S3Config config(const QString &bucket) const
    {
        return {.endpoint = m_endpoint,
                .accessKey = QStringLiteral("SKILLBOX"),
                .secretKey = QStringLiteral("SKILLBOXSECRET"),
                .bucket = bucket};
    }

    /// The same, with TLS.
    S3Config tlsConfig(const QString &bucket) const
    {
        S3Config tls = config(bucket);
        tls.endpoint = m_tlsEndpoint;
        tls.caFile = m_directory.filePath(QStringLiteral("server/tls.pem"));
        return tls;
    }

private:
    int run(const QString &action)
    {
        // The daemons keep what they inherit, so nothing of it may be a pipe that is waited for.
        QProcess script;
        const QString said = m_directory.filePath(QStringLiteral("said"));
        const QString complaint = m_directory.filePath(QStringLiteral("complaint"));
        script.setStandardInputFile(QProcess::nullDevice());
        script.setStandardOutputFile(said);
        script.setStandardErrorFile(complaint);
        script.start(QStringLiteral(SKILLBOX_CEPH),
                     {action, m_directory.filePath(QStringLiteral("server"))});
        const bool ended = script.waitForFinished(180'000);
        const auto textOf = [](const QString &path) {
            QFile file(path);
            return file.open(QIODevice::ReadOnly) ? QString::fromLocal8Bit(file.readAll()).trimmed()
                                                  : QString();
        };
        m_complaint = textOf(complaint);
        if (action == QLatin1StringView("start")) {
            const QStringList addresses = textOf(said).split(QLatin1Char('\n'));
            m_endpoint = addresses.first();
            m_tlsEndpoint = addresses.last();
        }
        return ended && script.exitStatus() == QProcess::NormalExit ? script.exitCode() : 1;
    }

    QTemporaryDir m_directory{QStringLiteral("/tmp/skillbox-s3-XXXXXX")};
    QString m_endpoint;
    QString m_tlsEndpoint;
    QString m_complaint;
    bool m_runs = false;
};

} // namespace skillbox::test
