// Runs a skill folder in the embedded engine and says on stdout what happens, for tests that kill
// it meanwhile: `engine_run_helper LAUNCHER DATA_DIRECTORY SKILL_FOLDER [DSN]`.

#include "engine/engine.h"

#include <QCoreApplication>

#include <cstdio>

using namespace skillbox;

int main(int argc, char **argv)
{
    const QCoreApplication application(argc, argv);
    const QStringList arguments = QCoreApplication::arguments();
    if (arguments.size() < 4 || arguments.size() > 5)
        return 2;
    EngineConfig config;
    config.launcherPath = arguments[1];
    config.dataDirectory = arguments[2];
    config.databaseDsn = arguments.value(4);
    auto engine = Engine::create(config);
    if (!engine) {
        std::fprintf(stderr, "%s\n", qPrintable(engine.error().message));
        return 1;
    }
    ExecutionRequest request;
    request.tenant = localTenant();
    request.directory = arguments[3];
    const auto id = (*engine)->executions().submit(request, [](const ExecutionEvent &event) {
        if (event.kind == ExecutionEvent::Kind::Log) {
            std::fputs(qPrintable(event.text), stdout);
            std::fflush(stdout);
        }
    });
    if (!id) {
        std::fprintf(stderr, "%s\n", qPrintable(id.error().message));
        return 1;
    }
    std::printf("id %s\n", qPrintable(id->value));
    std::fflush(stdout);
    return (*engine)->executions().wait(request.tenant, *id) ? 0 : 1;
}
