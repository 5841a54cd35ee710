#pragma once

#include "app/desktop/preview/background_task.h"
#include "app/desktop/preview/file_kind.h"
#include "app/desktop/preview/random_file.h"
#include "app/desktop/theme/theme.h"

#include <QButtonGroup>
#include <QLabel>
#include <QMap>
#include <QStackedWidget>
#include <QWidget>

namespace skillbox {

class StateView;
class Viewer;

/// A file to look at: an artifact, a file of a skill. It is not trusted.
struct PreviewSource {
    QString path;        ///< where it lies on this machine
    QString name;        ///< what it is called, with its folders
    QString contentType; ///< empty: told by the name
};

/// Shows a file by the viewer that fits its kind, and by others on demand: as source, as bytes.
/// What one viewer cannot show comes in the next simpler one, with the reason above it. Nothing of
/// a file is executed or fetched from elsewhere; images, SVG and PDF are decoded in a process of
/// their own. GUI thread.
class PreviewView : public QWidget
{
    Q_OBJECT

public:
    enum class Mode { Rendered, Source, Bytes };

    explicit PreviewView(QWidget *parent = nullptr);
    ~PreviewView() override;
    void show(const PreviewSource &source);
    void clear();
    void applyTheme(const Theme &theme);

    /// What the shown file was found to be.
    FileKind kind() const { return m_kind; }
    Mode mode() const { return m_mode; }
    void setMode(Mode mode);
    /// The picture that is seen; null where there is none.
    QImage picture() const;

Q_SIGNALS:
    /// The file can be seen, in whichever way.
    void shown();

private:
    using Make = std::function<Viewer *()>;
    struct Opening {
        Result<SharedFile> file;
        FileKind kind = FileKind::Binary;
    };
    void begin(const Opening &opening);
    Viewer *viewer(FileKind kind, Mode mode);
    Viewer *add(const QString &id, const Make &make);
    void open(Mode mode);
    void showTools(Viewer *viewer);
    void fallBack(Viewer *viewer, const QString &why);
    void showNote();
    QString failureSentence(const QString &why) const;

    StateView *m_state;
    QWidget *m_bar;
    QWidget *m_modeButtons;
    QButtonGroup m_modes;
    QStackedWidget *m_tools;
    QLabel *m_note;
    QStackedWidget *m_stack;
    QMap<QString, Viewer *> m_viewers;
    Viewer *m_current = nullptr;
    PreviewSource m_source;
    SharedFile m_file;
    FileKind m_kind = FileKind::Binary;
    Mode m_mode = Mode::Rendered;
    QString m_failure; ///< why a better way was not possible
    QString m_hint;    ///< of the viewer
    BackgroundTask m_opening;
    Theme m_theme;
};

} // namespace skillbox
