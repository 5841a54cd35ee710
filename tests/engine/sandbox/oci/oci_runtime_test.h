#pragma once

// Runs in real containers: of Docker, of Docker through the proxy that is installed with Skillbox,
// of Docker with gVisor, and of Podman. What comes back of a run is what the native runtime gives.
// test_oci_runtime.cpp begins; oci_runtime_places.cpp has what is around a run.

#include "engine/sandbox/oci/oci_runtime.h"
#include "tests/support/container_engine.h"

#include <QObject>

namespace skillbox::test {

class RunLog final : public OutputSink
{
public:
    void write(LogStreamKind stream, QByteArrayView bytes) override
    {
        (stream == LogStreamKind::Stdout ? out : err).append(bytes);
        if (onWrite)
            onWrite();
    }
    QByteArray out, err;
    std::function<void()> onWrite;
};

class TestOciRuntime : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase_data();
    void initTestCase();
    void init();
    void cleanup();

    void runsAScript_data();
    void runsAScript();
    void reportsHowItEnded_data();
    void reportsHowItEnded();
    void endsAtItsWallClockAndKeepsWhatItWrote();
    void endsWhenCancelled();
    void endsWhenItFloodsItsLog();
    void endsWhenItsMemoryIsUsedUp();
    void keepsOutputFilesOfARun();
    void leavesOutWhatIsNoFile();
    void boundsWhatIsWritten();
    void placesInputAndEnvironment();
    void handsBackWhatARunMadeOfItsSession();
    void backgroundProcessesDieWithTheScript();
    void manyRunsAtOnceKeepApart();
    void reportsControls();
    void saysWhenTheImageIsMissing();
    void saysWhenTheImageHasNoInterpreter();
    void doesNotStartWithoutARequiredControl();
    void sweepsWhatDeadInstancesLeft();
    void probeFindsTheEngine();

private:
    struct Backend {
        const char *name;
        QString address;
        QString runtime;
        QString missing; ///< why it cannot be had
    };
    const Backend &backend() const
    {
        QFETCH_GLOBAL(int, index);
        return m_backends[size_t(index)];
    }
    bool isProxy() const { return backend().name == QByteArrayLiteral("proxy"); }
    bool isGvisor() const { return !backend().runtime.isEmpty(); }
    /// What depends on the engine alone is the same behind a proxy, and with another runtime.
    bool isPlainEngine() const
    {
        return backend().name == QByteArrayLiteral("docker")
            || backend().name == QByteArrayLiteral("podman");
    }

    SandboxJob job(const QByteArray &script, Language language = Language::Bash);
    static QString testImage();
    static QByteArray contentOf(int folder, const QString &path);
    QString writeFile(const QString &path, const QByteArray &text, int mode = 0644);
    std::unique_ptr<SandboxRuntime> makeRuntime(const InstanceId &instance) const;
    Result<Outcome> run(const SandboxJob &wanted, std::stop_token stop = {})
    {
        m_log.out.clear();
        m_log.err.clear();
        return m_runtime->run(wanted, m_log, std::move(stop));
    }
    /// Ids of all containers with this label, whatever their state.
    QStringList containers(const QString &label) const;

    ContainerEngine m_docker{QStringLiteral(SKILLBOX_SUPPORT "/docker.sh")};
    ContainerEngine m_podman{QStringLiteral(SKILLBOX_SUPPORT "/podman.sh")};
    std::vector<Backend> m_backends{{"docker", {}, {}, {}},
                                    {"proxy", {}, {}, {}},
                                    {"podman", {}, {}, {}},
                                    {"gvisor", {}, QStringLiteral("runsc"), {}}};
    const QString m_home = newUuid();
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<SandboxRuntime> m_runtime;
    RunLog m_log;
};

} // namespace skillbox::test
