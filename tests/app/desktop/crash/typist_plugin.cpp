// A plugin that Qt loads into any program (QT_QPA_GENERIC_PLUGINS=typist): types into the real
// desktop from inside, as a person would, and tells what stands in its editor. A test cannot reach
// the widgets of another process any other way without a screen.
//
//   SKILLBOX_TYPIST_TEXT   typed at the end of the first text that can be edited
//   SKILLBOX_TYPIST_SHOW   a file that gets the text of the editor, each time it is another one

#include <QApplication>
#include <QFile>
#include <QGenericPlugin>
#include <QKeyEvent>
#include <QPlainTextEdit>
#include <QSaveFile>
#include <QTimer>

using namespace Qt::StringLiterals;

namespace {

/// Often enough for a test that waits, and not a busy loop.
constexpr int lookEveryMs = 20;

class Typist : public QObject
{
    Q_OBJECT

public:
    Typist()
        : m_text(qEnvironmentVariable("SKILLBOX_TYPIST_TEXT"))
        , m_show(qEnvironmentVariable("SKILLBOX_TYPIST_SHOW"))
    {
        connect(&m_look, &QTimer::timeout, this, &Typist::look);
        m_look.start(lookEveryMs);
    }

private:
    void look()
    {
        if (!qApp)
            return;
        for (QWidget *widget : QApplication::allWidgets()) {
            auto *editor = qobject_cast<QPlainTextEdit *>(widget);
            if (!editor || editor->objectName() != "editor.text"_L1 || editor->isReadOnly())
                continue;
            if (!m_text.isEmpty())
                type(*editor);
            show(editor->toPlainText());
            return;
        }
    }

    void type(QPlainTextEdit &editor)
    {
        editor.moveCursor(QTextCursor::End);
        for (const QChar c : std::exchange(m_text, {})) {
            QKeyEvent press(QEvent::KeyPress, 0, Qt::NoModifier, QString(c));
            QApplication::sendEvent(&editor, &press);
            QKeyEvent release(QEvent::KeyRelease, 0, Qt::NoModifier, QString(c));
            QApplication::sendEvent(&editor, &release);
        }
    }

    void show(const QString &text)
    {
        if (m_show.isEmpty() || text == m_shown)
            return;
        m_shown = text;
        QSaveFile file(m_show);
        if (file.open(QIODevice::WriteOnly) && file.write(text.toUtf8()) >= 0)
            file.commit();
    }

    QString m_text;
    QString m_show;
    QString m_shown;
    QTimer m_look;
};

class TypistPlugin : public QGenericPlugin
{
    Q_OBJECT
    Q_PLUGIN_METADATA(IID QGenericPluginFactoryInterface_iid FILE "typist.json")

public:
    QObject *create(const QString &, const QString &) override { return new Typist; }
};

} // namespace

#include "typist_plugin.moc"
