#pragma once

#include "app/desktop/desktop.h"
#include "tests/support/skill_folder.h"

#include <QTemporaryDir>
#include <QTest>

namespace skillbox::test {

/// The whole desktop over a store of its own in a temporary directory, with the real sandbox.
class DesktopFixture
{
public:
    enum class Welcome { Done, Shown };

    /// The first steps are not shown unless they are asked for; the server takes any free port.
    explicit DesktopFixture(Welcome welcome = Welcome::Done)
    {
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        for (const QString &name : environment.keys()) {
            if (name.startsWith(u"SKILLBOX_"))
                environment.remove(name);
        }
        environment.insert(QStringLiteral("SKILLBOX_DATA_DIR"), path(QStringLiteral("data")));
        environment.insert(QStringLiteral("XDG_CONFIG_HOME"), path(QStringLiteral("config")));
        environment.insert(QStringLiteral("XDG_STATE_HOME"), path(QStringLiteral("state")));
        {
            Settings settings(path(QStringLiteral("config/desktop.ini")));
            settings.setWelcomed(welcome == Welcome::Done);
            settings.setServerPort(0);
            settings.setTheme(QStringLiteral("light"));
        }
        m_desktop = std::make_unique<Desktop>(environment,
                                              QStringLiteral(SKILLBOX_PROGRAM_DIRECTORY),
                                              path(QStringLiteral("config/desktop.ini")));
        // Tests look for widgets of any page, at once.
        m_desktop->window().makePages();
    }

    /// Shows the window; true once its store is open.
    bool start()
    {
        m_desktop->start();
        const auto state = [this] { return session().engine().state(); };
        return QTest::qWaitFor([&] { return state() != EngineThread::State::Opening; }, 20'000)
            && state() == EngineThread::State::Open;
    }

    Desktop &desktop() { return *m_desktop; }
    MainWindow &window() { return m_desktop->window(); }
    DesktopSession &session() { return m_desktop->session(); }
    QString path(const QString &name) const { return m_directory.filePath(name); }

    /// Publishes a skill to the store and waits for it; its error, or empty.
    QString publish(const SkillFolder &folder)
    {
        std::optional<QString> answer;
        session().skills().publish(&window(), folder.write(path(QStringLiteral("skills"))),
                                   [&](const Result<Published> &published) {
                                       answer = published ? QString() : published.error().message;
                                   });
        if (!QTest::qWaitFor([&] { return answer.has_value(); }, 20'000))
            return QStringLiteral("no answer");
        return *answer;
    }

    /// The one widget of this type and object name below the window; null: none.
    template<typename T>
    T *widget(const QString &name)
    {
        return window().findChild<T *>(name);
    }

private:
    QTemporaryDir m_directory;
    std::unique_ptr<Desktop> m_desktop;
};

} // namespace skillbox::test
