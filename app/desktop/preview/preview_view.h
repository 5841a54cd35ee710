#pragma once

#include "app/desktop/theme/theme.h"

#include <QWidget>

namespace skillbox {

class CodeView;

/// A file to look at: an artifact, a file of a skill. It is not trusted.
struct PreviewSource {
    QString path;        ///< where it lies on this machine
    QString name;        ///< what it is called, with its folders
    QString contentType; ///< empty: told by the name
};

/// Shows a file by the viewer that fits its kind. GUI thread.
class PreviewView : public QWidget
{
    Q_OBJECT

public:
    explicit PreviewView(QWidget *parent = nullptr);
    void show(const PreviewSource &source);
    void clear();
    void applyTheme(const Theme &theme);

private:
    CodeView *m_code;
};

} // namespace skillbox
