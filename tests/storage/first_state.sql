CREATE TABLE sessions (
	id VARCHAR(26) NOT NULL, 
	title TEXT NOT NULL, 
	created_at VARCHAR(32) NOT NULL, 
	updated_at VARCHAR(32) NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE pictures (
	id VARCHAR(26) NOT NULL, 
	source TEXT NOT NULL, 
	name TEXT NOT NULL, 
	camera TEXT, 
	taken_at VARCHAR(32), 
	taken_from VARCHAR(16), 
	size_bytes BIGINT, 
	fingerprint TEXT, 
	identity_kind VARCHAR(16), 
	identity TEXT, 
	PRIMARY KEY (id)
);
CREATE TABLE events (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	type VARCHAR(16) NOT NULL, 
	session_id VARCHAR(26), 
	data JSON NOT NULL, 
	at VARCHAR(32) NOT NULL
);
CREATE INDEX events_by_time ON events (at);
CREATE TABLE messages (
	id VARCHAR(26) NOT NULL, 
	session_id VARCHAR(26) NOT NULL, 
	text TEXT NOT NULL, 
	asked_at VARCHAR(32) NOT NULL, 
	"plan" JSON NOT NULL, 
	notes JSON NOT NULL, 
	model JSON, 
	rests_on VARCHAR(26), 
	run_id VARCHAR(26), 
	answer JSON, 
	error JSON, 
	PRIMARY KEY (id), 
	FOREIGN KEY(session_id) REFERENCES sessions (id) ON DELETE CASCADE
);
CREATE INDEX ix_messages_session_id ON messages (session_id);
CREATE TABLE runs (
	id VARCHAR(26) NOT NULL, 
	message_id VARCHAR(26) NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	source TEXT NOT NULL, 
	model VARCHAR(64) NOT NULL, 
	model_version VARCHAR(64) NOT NULL, 
	sees TEXT NOT NULL, 
	again BOOLEAN NOT NULL, 
	started_at VARCHAR(32) NOT NULL, 
	elapsed_s FLOAT NOT NULL, 
	listed INTEGER NOT NULL, 
	calls INTEGER NOT NULL, 
	error TEXT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(message_id) REFERENCES messages (id) ON DELETE CASCADE
);
CREATE INDEX ix_runs_message_id ON runs (message_id);
CREATE INDEX ix_runs_state ON runs (state);
