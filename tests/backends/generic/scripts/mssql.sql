SET XACT_ABORT ON;
GO

BEGIN TRANSACTION;
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

IF OBJECT_ID('schemadiff_version', 'U') IS NULL CREATE TABLE schemadiff_version (
	version_num VARCHAR(32) NOT NULL,
	CONSTRAINT schemadiff_version_pkc PRIMARY KEY (version_num)
);
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

COMMIT TRANSACTION;
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

-- Running upgrade base -> a1, a1

BEGIN TRANSACTION;
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

DECLARE @rows int = (SELECT COUNT(*) FROM schemadiff_version WITH (TABLOCKX, HOLDLOCK)); IF NOT ((SELECT COUNT(*) FROM schemadiff_version) = 0) THROW 50000, 'the database does not stand at base: see schemadiff_version', 1;
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

IF OBJECT_ID('schemadiff_version_checksum', 'U') IS NULL CREATE TABLE schemadiff_version_checksum (
	version_num VARCHAR(191) NOT NULL,
	checksum VARCHAR(80) NOT NULL,
	file_hash VARCHAR(32) NOT NULL,
	CONSTRAINT schemadiff_version_checksum_pkc PRIMARY KEY (version_num)
);
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

CREATE TABLE account (
	id INTEGER NOT NULL IDENTITY(10,1),
	email VARCHAR(100) NOT NULL DEFAULT 'it''s',
	total NUMERIC(10, 2) NULL,
	made_at DATETIME NULL DEFAULT CURRENT_TIMESTAMP,
	notes TEXT NULL,
	PRIMARY KEY (id),
	CONSTRAINT uq_account_email UNIQUE (email),
	CONSTRAINT ck_account_total CHECK (total > 0)
);
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

execute sp_addextendedproperty 'MS_Description', N'People''s accounts', 'schema', dbo, 'table', account;
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

CREATE TABLE [order line] (
	id INTEGER NOT NULL IDENTITY,
	account_id INTEGER NULL,
	PRIMARY KEY (id),
	CONSTRAINT fk_line_account FOREIGN KEY(account_id) REFERENCES account (id) ON DELETE CASCADE
);
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

CREATE INDEX ix_account_total ON account (total);
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

SET IDENTITY_INSERT account ON;
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

INSERT INTO account (id, email) VALUES (1, ('a;' + CHAR(10) + 'GO' + CHAR(10) + '/' + CHAR(10) + '&name $' + '(x)'));
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

SET IDENTITY_INSERT account OFF;
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

INSERT INTO schemadiff_version (version_num) VALUES ('a1');
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

DELETE FROM schemadiff_version_checksum WHERE schemadiff_version_checksum.version_num IN ('a1', 'b2');
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

INSERT INTO schemadiff_version_checksum (version_num, checksum, file_hash) VALUES ('a1', '1:7774aaa04e957a9e0fc3ce8d9ce5892f0da8f14c85cfac1c0df82f9a90445a3a', 'd847b7073a4edc690bbaf637384bfdbe');
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

COMMIT TRANSACTION;
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

-- Running upgrade a1 -> b2, b2

BEGIN TRANSACTION;
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

DECLARE @rows int = (SELECT COUNT(*) FROM schemadiff_version WITH (TABLOCKX, HOLDLOCK)); IF NOT ((SELECT COUNT(*) FROM schemadiff_version WHERE version_num IN ('a1')) = 1) THROW 50000, 'the database does not stand at a1: see schemadiff_version', 1;
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

ALTER TABLE account ADD age INTEGER NOT NULL DEFAULT '1';
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

DECLARE @name sysname = (SELECT name FROM sys.default_constraints WHERE parent_object_id = OBJECT_ID('account') AND COL_NAME(parent_object_id, parent_column_id) = 'email'); IF @name IS NOT NULL EXEC('ALTER TABLE account DROP CONSTRAINT ' + QUOTENAME(@name));
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

ALTER TABLE account ALTER COLUMN email VARCHAR(200) NOT NULL;
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

ALTER TABLE account ADD DEFAULT 'x' FOR email;
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

DECLARE @name sysname = (SELECT name FROM sys.default_constraints WHERE parent_object_id = OBJECT_ID('account') AND COL_NAME(parent_object_id, parent_column_id) = 'email'); IF @name IS NOT NULL EXEC('ALTER TABLE account DROP CONSTRAINT ' + QUOTENAME(@name));
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

ALTER TABLE account ALTER COLUMN total NUMERIC(10, 2) NOT NULL;
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

IF EXISTS (SELECT 1 FROM sys.extended_properties WHERE class = 1 AND name = 'MS_Description' AND major_id = OBJECT_ID('account') AND minor_id = COLUMNPROPERTY(OBJECT_ID('account'), 'email', 'ColumnId')) execute sp_dropextendedproperty 'MS_Description', 'schema', dbo, 'table', account, 'column', email;
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

execute sp_addextendedproperty 'MS_Description', N'Where to write', 'schema', dbo, 'table', account, 'column', email;
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

EXEC sp_rename 'account.email', 'mail', 'COLUMN';
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

IF EXISTS (SELECT 1 FROM sys.extended_properties WHERE class = 1 AND name = 'MS_Description' AND major_id = OBJECT_ID('account') AND minor_id = 0) execute sp_dropextendedproperty 'MS_Description', 'schema', dbo, 'table', account;
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

execute sp_addextendedproperty 'MS_Description', N'Members', 'schema', dbo, 'table', account;
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

ALTER TABLE account DROP CONSTRAINT ck_account_total;
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

DROP INDEX ix_account_total ON account;
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

EXEC sp_rename 'account', 'member';
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

DROP TABLE IF EXISTS nowhere;
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

CREATE VIEW v AS SELECT mail FROM member;
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

UPDATE schemadiff_version SET version_num='b2' WHERE schemadiff_version.version_num = 'a1';
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

INSERT INTO schemadiff_version_checksum (version_num, checksum, file_hash) VALUES ('b2', '1:532f70477a705c01750f9e5ed8a687de4c66d0a4feabb8366531d098533ff57a', 'fdf2ac5b0d5362ae9d9f5d7a3ae96cec');
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

COMMIT TRANSACTION;
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

SET XACT_ABORT ON;
GO

-- Running downgrade b2 -> a1, b2

BEGIN TRANSACTION;
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

DECLARE @rows int = (SELECT COUNT(*) FROM schemadiff_version WITH (TABLOCKX, HOLDLOCK)); IF NOT ((SELECT COUNT(*) FROM schemadiff_version WHERE version_num IN ('b2')) = 1) THROW 50000, 'the database does not stand at b2: see schemadiff_version', 1;
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

IF OBJECT_ID('schemadiff_version_checksum', 'U') IS NULL CREATE TABLE schemadiff_version_checksum (
	version_num VARCHAR(191) NOT NULL,
	checksum VARCHAR(80) NOT NULL,
	file_hash VARCHAR(32) NOT NULL,
	CONSTRAINT schemadiff_version_checksum_pkc PRIMARY KEY (version_num)
);
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

DROP VIEW v;
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

EXEC sp_rename 'member', 'account';
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

DECLARE @name sysname = (SELECT name FROM sys.default_constraints WHERE parent_object_id = OBJECT_ID('account') AND COL_NAME(parent_object_id, parent_column_id) = 'age'); IF @name IS NOT NULL EXEC('ALTER TABLE account DROP CONSTRAINT ' + QUOTENAME(@name));
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

ALTER TABLE account DROP COLUMN age;
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

DROP TABLE [order line];
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

UPDATE schemadiff_version SET version_num='a1' WHERE schemadiff_version.version_num = 'b2';
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

DELETE FROM schemadiff_version_checksum WHERE schemadiff_version_checksum.version_num IN ('b2');
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

COMMIT TRANSACTION;
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

SET XACT_ABORT ON;
GO

BEGIN TRANSACTION;
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

DECLARE @rows int = (SELECT COUNT(*) FROM schemadiff_version WITH (TABLOCKX, HOLDLOCK)); IF NOT ((SELECT COUNT(*) FROM schemadiff_version WHERE version_num IN ('a1')) = 1) THROW 50000, 'the database does not stand at a1: see schemadiff_version', 1;
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

IF OBJECT_ID('schemadiff_version_checksum', 'U') IS NULL CREATE TABLE schemadiff_version_checksum (
	version_num VARCHAR(191) NOT NULL,
	checksum VARCHAR(80) NOT NULL,
	file_hash VARCHAR(32) NOT NULL,
	CONSTRAINT schemadiff_version_checksum_pkc PRIMARY KEY (version_num)
);
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

UPDATE schemadiff_version SET version_num='b2' WHERE schemadiff_version.version_num = 'a1';
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

DELETE FROM schemadiff_version_checksum WHERE schemadiff_version_checksum.version_num IN ('b2');
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

INSERT INTO schemadiff_version_checksum (version_num, checksum, file_hash) VALUES ('b2', '1:532f70477a705c01750f9e5ed8a687de4c66d0a4feabb8366531d098533ff57a', 'fdf2ac5b0d5362ae9d9f5d7a3ae96cec');
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

COMMIT TRANSACTION;
GO
IF @@ERROR <> 0 SET NOEXEC ON;
GO

