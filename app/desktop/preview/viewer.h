#pragma once

#include "app/desktop/preview/random_file.h"
#include "app/desktop/theme/theme.h"

#include <QWidget>

namespace skillbox {

/// One way to look at a file. GUI thread; whatever takes long happens beside it, and answers that
/// come after close() or another open() are dropped.
class Viewer : public QWidget
{
    Q_OBJECT

public:
    using QWidget::QWidget;
    /// `name` is what the file is called. Answers with opened() or failed().
    virtual void open(const SharedFile &file, const QString &name) = 0;
    /// Lets go of the file.
    virtual void close() = 0;
    virtual void applyTheme(const Theme &) { }
    /// What stands in the bar above it; nullptr: nothing. Owned by the viewer until it is shown.
    virtual QWidget *tools() { return nullptr; }

Q_SIGNALS:
    void opened();
    /// It cannot be shown so; `why` is a sentence for people.
    void failed(const QString &why);
    /// Something to know about what is shown; empty: nothing any more.
    void noted(const QString &note);
};

} // namespace skillbox
