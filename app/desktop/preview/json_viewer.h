#pragma once

#include "app/desktop/preview/background_task.h"
#include "app/desktop/preview/json_file_model.h"
#include "app/desktop/preview/viewer.h"

#include "engine/base/json_text.h"

#include <QLabel>
#include <QLineEdit>
#include <QTreeView>

namespace skillbox {

/// A JSON file as a tree, with search, the pointer of what is chosen, and copying. GUI thread.
class JsonViewer : public Viewer
{
    Q_OBJECT

public:
    explicit JsonViewer(QWidget *parent = nullptr);
    void open(const SharedFile &file, const QString &name) override;
    void close() override;
    void applyTheme(const Theme &theme) override;
    QWidget *tools() override { return m_tools; }

    JsonFileModel &model() { return m_model; }

    /// Larger ones are shown as text.
    static constexpr qint64 mostBytes = 256 << 20;

private:
    void showText(const Result<JsonText> &json);
    void find();
    void showMenu(const QPoint &place);
    void copyPointer();
    void copyValue();

    JsonFileModel m_model;
    QTreeView *m_tree;
    QWidget *m_tools;
    QLineEdit *m_find;
    QLabel *m_pointer;
    qint64 m_foundAt = -1;
    QString m_searched;
    BackgroundTask m_loading;
    BackgroundTask m_searching;
};

} // namespace skillbox
