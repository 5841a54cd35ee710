#pragma once

#include "engine/engine.h"
#include "tests/support/skill_folder.h"
#include "tests/support/verify_result.h"

#include <QBuffer>
#include <QTemporaryDir>
#include <QTest>

namespace skillbox {

/// A whole engine with the real sandbox in a folder of its own.
struct EngineFixture {
    QTemporaryDir directory;
    std::unique_ptr<Engine> engine;
    int skills = 0;

    explicit EngineFixture(const QString &launcher)
    {
        EngineConfig config;
        config.dataDirectory = directory.filePath(QStringLiteral("data"));
        config.launcherPath = launcher;
        engine = must(Engine::create(config));
    }

    /// A request for an unpublished skill with this script.
    ExecutionRequest request(const QByteArray &script, const QMap<QString, QByteArray> &files = {},
                             const QString &name = QStringLiteral("main.py"))
    {
        test::SkillFolder folder{.name = QStringLiteral("skill-%1").arg(++skills), .files = files};
        folder.script.clear();
        folder.files.insert(name, script);
        ExecutionRequest request;
        request.tenant = localTenant();
        request.origin = {QStringLiteral("tester"), QStringLiteral("127.0.0.1"),
                          QStringLiteral("request-7")};
        request.directory = folder.write(directory.filePath(QStringLiteral("skills")));
        return request;
    }
    ExecutionRecord run(const ExecutionRequest &request)
    {
        auto &executions = engine->executions();
        return must(executions.wait(request.tenant, must(executions.submit(request))));
    }
    FileRecord upload(const QString &name, QByteArray content)
    {
        QBuffer buffer(&content);
        buffer.open(QIODevice::ReadOnly);
        return must(engine->files().create(
            localTenant(), {.name = name, .contentType = {}, .session = {}}, buffer, {}));
    }
    void writeSession(const QString &session, const QString &path, QByteArray content)
    {
        QBuffer buffer(&content);
        buffer.open(QIODevice::ReadOnly);
        must(engine->sessions().write(localTenant(), session, path, buffer, {}));
    }
    QMap<QString, QByteArray> session(const QString &name)
    {
        QMap<QString, QByteArray> contents;
        const auto files = must(engine->sessions().files(localTenant(), name));
        for (const SessionFileRecord &file : files)
            contents.insert(file.path, must(engine->sessions().open(file))->readAll());
        return contents;
    }

    template<typename T>
    static T must(Result<T> result)
    {
        if (!result)
            qFatal("%s %s", qPrintable(result.error().message), qPrintable(result.error().detail));
        return std::move(*result);
    }
};

} // namespace skillbox
