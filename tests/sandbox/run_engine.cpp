// An engine to be killed: runs one endless job and says when its script has started.

#include "engine/sandbox/native/native_runtime.h"

#include <QCoreApplication>

#include <cstdio>

using namespace skillbox;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

class PassOn final : public OutputSink
{
public:
    void write(LogStreamKind, QByteArrayView bytes) override
    {
        std::fwrite(bytes.data(), 1, static_cast<size_t>(bytes.size()), stdout);
        std::fflush(stdout);
    }
};

} // namespace

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    const QStringList arguments = QCoreApplication::arguments();
    if (arguments.size() != 3)
        return 2;
    const auto runtime = NativeRuntime::create({arguments[1]});
    SandboxJob job;
    job.language = Language::Bash;
    job.skillDirectory = arguments[2];
    job.entrypoint = u"endless.sh"_s;
    job.inputJson = "{}";
    job.policy.limits.wallClock = 600s;
    PassOn sink;
    const Result<Outcome> outcome = runtime->run(job, sink, {});
    return outcome ? 0 : 1;
}
